import type { DistinctKind } from '../../base/distinct.ts'
import type { StoreSheet } from '../../protocol/views.ts'
import { type Ask, numberAt, sqlInstant, sqlNumber, sqlStartsIn, textAt } from './ask.ts'
import type { SeriesView } from './series.ts'
import type { StoreDirectory } from './store-directory.ts'
import type { StoreList, SummaryRequest } from './store-list.ts'

export interface StoreSheetParts {
  readonly ask: Ask
  readonly directory: StoreDirectory
  readonly series: SeriesView
  readonly stores: StoreList
  readonly windowSizeMs: number
  readonly sketch: DistinctKind
  /** Sketches of a store's windows that are still open, which are not in the warehouse. */
  readonly openSketches: (storeId: number) => readonly { readonly startMs: number; readonly bytes: Uint8Array }[]
  readonly usualGap: (storeId: number) => number | null
}

/** A sheet has room for about this many columns. */
const columns = 100
const stepsMs = [60_000, 300_000, 900_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000]

/** The shortest of a few round steps, in whole windows, that gives a hundred columns at most. */
export function chooseStep(spanMs: number, windowSizeMs: number): number {
  const step = stepsMs.find((stepMs) => stepMs >= windowSizeMs && spanMs / stepMs <= columns) ?? spanMs / columns
  return Math.ceil(Math.max(step, windowSizeMs) / windowSizeMs) * windowSizeMs
}

/** Merged over the windows of the span: relative standard error about 5 %, as `unique_customers` itself. */
async function countCustomers(parts: StoreSheetParts, request: SummaryRequest): Promise<number> {
  const { fromMs, storeId, untilMs } = request
  const rows = await parts.ask(
    `SELECT bytes FROM storepulse.sketches
    WHERE ${sqlStartsIn(fromMs, untilMs)} AND store_id = ${sqlNumber(storeId)}`,
  )
  const merged = parts.sketch.create()
  for (const row of rows) merged.merge(parts.sketch.read(Buffer.from(textAt(row, 0), 'base64')))
  for (const { startMs, bytes } of parts.openSketches(storeId)) {
    if (startMs >= fromMs && startMs < untilMs) merged.merge(parts.sketch.read(bytes))
  }
  return merged.estimate()
}

async function countLate(ask: Ask, { fromMs, storeId, untilMs }: SummaryRequest): Promise<number> {
  const [row] = await ask(
    `SELECT count(*)::DOUBLE PRECISION FROM storepulse.late WHERE store_id = ${sqlNumber(storeId)}
    AND appended_at >= ${sqlInstant(fromMs)} AND appended_at < ${sqlInstant(untilMs)}`,
  )
  return row ? numberAt(row, 0) : 0
}

/** One store over a span. */
export async function readStoreSheet(parts: StoreSheetParts, request: SummaryRequest): Promise<StoreSheet> {
  const { fromMs, storeId, untilMs } = request
  const stepMs = chooseStep(untilMs - fromMs, parts.windowSizeMs)
  const [summary, series, customers, late] = await Promise.all([
    parts.stores.summarize(request),
    parts.series({ fromMs, untilMs, stepMs, storeId }),
    countCustomers(parts, request),
    countLate(parts.ask, request),
  ])
  const profile = parts.directory.find(storeId)
  const { cents, transactions } = summary
  return {
    summary,
    opensAtMinute: profile?.opensAtMinute ?? null,
    closesAtMinute: profile?.closesAtMinute ?? null,
    series,
    averageCents: transactions === 0 ? null : Math.sign(cents) * Math.round(Math.abs(cents) / transactions),
    customers,
    late,
    usualGapMs: parts.usualGap(storeId),
  }
}
