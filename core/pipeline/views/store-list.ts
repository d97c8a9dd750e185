import type { Clock } from '../../base/clock.ts'
import { createOpenCheck } from '../../metrics/opening-hours.ts'
import type { StoresAnswer, StoresRequest, StoreSort, StoreSummary } from '../../protocol/views.ts'
import {
  type Ask,
  createMemory,
  numberAt,
  numberOrNullAt,
  sqlInstant,
  sqlMs,
  sqlNumber,
  sqlStartsIn,
  type TradeSource,
} from './ask.ts'
import type { StoreDirectory } from './store-directory.ts'

export interface StoreListParts {
  readonly ask: Ask
  readonly trade: TradeSource
  readonly clock: Clock
  readonly directory: StoreDirectory
  /** Since when a store is silent, where that is an alarm. */
  readonly silentSince: (storeId: number) => number | null
}

/** Stores over a span, a page at a time. */
export interface StoreList {
  list(request: StoresRequest): Promise<StoresAnswer>
  summarize(request: SummaryRequest): Promise<StoreSummary>
}

export interface SummaryRequest extends Pick<StoresRequest, 'fromMs' | 'untilMs' | 'compareMs'> {
  readonly storeId: number
}

interface Totals {
  readonly transactions: number
  readonly cents: number
  readonly latestMs: number | null
}

/** A summary without what only a shown row needs. */
type Entry = Omit<StoreSummary, 'sparkline'>

const nothing: Totals = { transactions: 0, cents: 0, latestMs: null }
/** The whole list is added up at most this often, however many look. */
const freshMs = 1_000
const comparedFreshMs = 10_000
const points = 12

async function readTotals(
  { ask, trade }: StoreListParts,
  fromMs: number,
  untilMs: number,
): Promise<ReadonlyMap<number, Totals>> {
  if (untilMs <= fromMs) return new Map()
  const rows = await ask(
    `SELECT store_id, sum(transactions)::DOUBLE PRECISION, sum(cents)::DOUBLE PRECISION,
      ${sqlMs('max(window_start)')}
    FROM ${trade} WHERE ${sqlStartsIn(fromMs, untilMs)} GROUP BY store_id`,
  )
  return new Map(
    rows.map((row) => [
      numberAt(row, 0),
      { transactions: numberAt(row, 1), cents: numberAt(row, 2), latestMs: numberOrNullAt(row, 3) },
    ]),
  )
}

async function readSparklines(
  { ask, trade }: StoreListParts,
  storeIds: readonly number[],
  fromMs: number,
  untilMs: number,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const lines = new Map(storeIds.map((id) => [id, Array.from({ length: points }, () => 0)]))
  if (storeIds.length === 0 || untilMs <= fromMs) return lines
  const twelfth = `floor((${sqlMs('window_start')} - ${sqlNumber(fromMs)}) * ${points} / ${sqlNumber(untilMs - fromMs)})`
  const rows = await ask(
    `SELECT store_id, ${twelfth}, sum(cents)::DOUBLE PRECISION FROM ${trade}
    WHERE ${sqlStartsIn(fromMs, untilMs)} AND store_id IN (${storeIds.map(sqlNumber).join(', ')}) GROUP BY 1, 2`,
  )
  for (const row of rows) {
    const line = lines.get(numberAt(row, 0))
    if (line) line[numberAt(row, 1)] = numberAt(row, 2)
  }
  return lines
}

/** What an order compares; null comes last either way. */
const keys: Readonly<Record<StoreSort, (entry: Entry) => number | string | null>> = {
  revenue: ({ cents }) => cents,
  transactions: ({ transactions }) => transactions,
  average: ({ cents, transactions }) => (transactions === 0 ? null : cents / transactions),
  change: ({ cents, comparedCents }) =>
    comparedCents === null || comparedCents === 0 ? null : (cents - comparedCents) / comparedCents,
  name: ({ name }) => name,
  id: ({ id }) => id,
  latest: ({ latestMs }) => latestMs,
}

const names = new Intl.Collator('en')

function compareKeys(left: number | string | null, right: number | string | null, direction: number): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  if (typeof left === 'string' || typeof right === 'string') {
    return direction * names.compare(String(left), String(right))
  }
  return direction * (left - right)
}

/** Silent stores first, then by the order asked for, then by id. */
function order(entries: readonly Entry[], sort: StoreSort, descending: boolean): readonly Entry[] {
  const direction = descending ? -1 : 1
  return entries
    .map((entry) => ({ entry, key: keys[sort](entry) }))
    .sort(
      (left, right) =>
        Number(left.entry.silentSinceMs === null) - Number(right.entry.silentSinceMs === null) ||
        compareKeys(left.key, right.key, direction) ||
        left.entry.id - right.entry.id,
    )
    .map(({ entry }) => entry)
}

function matches({ city, id, name }: Entry, wanted: string): boolean {
  if (wanted === '') return true
  return `${name}\n${city ?? ''}`.toLowerCase().includes(wanted) || String(id).includes(wanted)
}

export function createStoreList(parts: StoreListParts): StoreList {
  const { ask, clock, directory, silentSince } = parts
  const isOpen = createOpenCheck((storeId) => directory.find(storeId))
  const rememberTotals = createMemory<ReadonlyMap<number, Totals>>(clock, freshMs)
  const rememberCompared = createMemory<ReadonlyMap<number, Totals>>(clock, comparedFreshMs)
  const rememberFirst = createMemory<number | null>(clock, comparedFreshMs)
  const rememberLatest = createMemory<ReadonlyMap<number, number | null>>(clock, comparedFreshMs)

  const readFirst = async (): Promise<number | null> => {
    const [row] = await ask(`SELECT ${sqlMs('min(window_start)')} FROM storepulse.windows`)
    return row ? numberOrNullAt(row, 0) : null
  }
  /** Null where the warehouse does not reach back over the whole of the compared span. */
  const readCompared = async ({
    fromMs,
    untilMs,
    compareMs,
  }: Pick<StoresRequest, 'fromMs' | 'untilMs' | 'compareMs'>): Promise<ReadonlyMap<number, Totals> | null> => {
    if (compareMs === 0) return null
    const firstMs = await rememberFirst('', readFirst)
    const from = fromMs - compareMs
    if (firstMs === null || firstMs > from + 60_000) return null
    // Of a span that is not over, as much is compared as has passed.
    const until = Math.floor(Math.min(untilMs, clock.nowMs()) / 60_000) * 60_000 - compareMs
    return rememberCompared(`${from} ${until}`, () => readTotals(parts, from, until))
  }
  /** When stores last sold that sold nothing in the span. */
  const readLatest = (fromMs: number): Promise<ReadonlyMap<number, number | null>> =>
    rememberLatest(String(fromMs), async () => {
      const rows = await ask(
        `SELECT store_id, ${sqlMs('max(window_start)')} FROM storepulse.windows
        WHERE window_start < ${sqlInstant(fromMs)} GROUP BY store_id`,
      )
      return new Map(rows.map((row) => [numberAt(row, 0), numberOrNullAt(row, 1)]))
    })
  const describe = (id: number, totals: Totals, comparedCents: number | null, atMs: number): Entry => {
    const profile = directory.find(id)
    return {
      id,
      name: profile?.name ?? directory.nameOf(id),
      city: profile?.city ?? null,
      zone: profile?.zone ?? null,
      ...totals,
      comparedCents,
      silentSinceMs: silentSince(id),
      isClosed: totals.transactions === 0 && !isOpen(id, atMs),
    }
  }
  const listEntries = async (
    request: Pick<StoresRequest, 'fromMs' | 'untilMs' | 'compareMs'>,
  ): Promise<readonly Entry[]> => {
    const { fromMs, untilMs } = request
    const totals = await rememberTotals(`${fromMs} ${untilMs}`, () => readTotals(parts, fromMs, untilMs))
    const compared = await readCompared(request)
    const ids = await directory.list()
    const isMissed = ids.some((id) => !totals.has(id))
    const latest = isMissed ? await readLatest(fromMs) : null
    return ids.map((id) =>
      describe(
        id,
        totals.get(id) ?? { ...nothing, latestMs: latest?.get(id) ?? null },
        compared ? (compared.get(id)?.cents ?? 0) : null,
        Math.min(untilMs, clock.nowMs()),
      ),
    )
  }

  return {
    async list(request) {
      const { fromMs, untilMs, sort, descending, filter, offset, limit } = request
      const wanted = filter.trim().toLowerCase()
      const found = (await listEntries(request)).filter((entry) => matches(entry, wanted))
      const page = order(found, sort, descending).slice(offset, offset + limit)
      const ids = page.map(({ id }) => id)
      const lines = await readSparklines(parts, ids, fromMs, untilMs)
      return {
        total: found.length,
        silent: found.filter(({ silentSinceMs }) => silentSinceMs !== null).length,
        rows: page.map((entry) => ({ ...entry, sparkline: lines.get(entry.id) ?? [] })),
      }
    },
    async summarize({ storeId, ...request }) {
      const found =
        (await listEntries(request)).find(({ id }) => id === storeId) ?? describe(storeId, nothing, null, clock.nowMs())
      const lines = await readSparklines(parts, [storeId], request.fromMs, request.untilMs)
      return { ...found, sparkline: lines.get(storeId) ?? [] }
    },
  }
}
