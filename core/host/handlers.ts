import { Fault } from '../base/fault.ts'
import type {
  AuditItem,
  CommandName,
  Commands,
  ConflictItem,
  LateItem,
  LedgerSumsAnswer,
  OwnerInfo,
  QuarantineItem,
  RecordItem,
} from '../protocol/commands.ts'
import {
  type AppendRecord,
  type AuditEntry,
  type ConflictEntry,
  formatCents,
  formatRef,
  type InspectedRecord,
  isEventTopic,
  type LateEntry,
  type LedgerSums,
  parseRef,
  type QuarantineEntry,
  type Station,
  sumQuarantine,
} from '../pipeline/public.ts'
import type { AfterAnswer } from './connections.ts'
import type { ClusterHandlers } from './cluster-handlers.ts'

/** What a command is run with besides its request. */
export interface CommandContext {
  readonly signal: AbortSignal
  /** Who asks, as the audit trail names it. */
  readonly who: string
  readonly afterAnswer: AfterAnswer
}

export type Handlers = {
  readonly [Name in CommandName]: (
    request: Commands[Name]['request'],
    context: CommandContext,
  ) => Promise<Commands[Name]['response']>
}

const queryTimeoutMs = 30_000
const queryRows = 100_000

const formatInstant = (ms: number): string => new Date(ms).toISOString()

/** Longest id in a list: a record of its own may be 1 MiB of it. */
const longestId = 1_000

const cutId = (id: string): string => (id.length > longestId ? `${id.slice(0, longestId - 1)}…` : id)

const describeLate = (entry: LateEntry): LateItem => ({
  ref: formatRef(entry.ref),
  storeId: entry.storeId,
  transactionId: cutId(entry.transactionId),
  eventTime: formatInstant(entry.eventTimeMs),
  amount: formatCents(entry.cents),
  latenessMs: entry.latenessMs,
  readmittedAt: entry.readmittedAtMs === null ? null : formatInstant(entry.readmittedAtMs),
})

const describeQuarantined = (entry: QuarantineEntry): QuarantineItem => ({
  ref: formatRef(entry.ref),
  reason: entry.reason,
  path: entry.path,
  sizeBytes: entry.sizeBytes,
  sha256: entry.sha256,
  seenAt: formatInstant(entry.seenAtMs),
  readmittedAt: entry.readmittedAtMs === null ? null : formatInstant(entry.readmittedAtMs),
})

const describeRecord = ({ bytes, from, hint, reason, ...entry }: InspectedRecord): RecordItem => ({
  ref: formatRef(entry.ref),
  reason,
  path: entry.path,
  hint,
  sizeBytes: entry.sizeBytes,
  sha256: entry.sha256,
  seenAt: formatInstant(entry.seenAtMs),
  readmittedAt: entry.readmittedAtMs === null ? null : formatInstant(entry.readmittedAtMs),
  from,
  base64: Buffer.from(bytes).toString('base64'),
})

const describeConflict = ({ epoch, id, ref }: ConflictEntry): ConflictItem => ({ ref: formatRef(ref), id, epoch })

const describeSums = ({ late, rows }: LedgerSums): LedgerSumsAnswer => ({
  late: late.map(({ cents, readmitted, readmittedCents, records, storeId }) => ({
    storeId,
    records,
    amount: formatCents(cents),
    readmitted,
    readmittedAmount: formatCents(readmittedCents),
  })),
  rows,
})

const describeAudit = ({ action, atMs, detail, subject, who }: AuditEntry): AuditItem => ({
  at: formatInstant(atMs),
  who,
  action,
  subject,
  detail,
})

function readRef(text: string): NonNullable<ReturnType<typeof parseRef>> {
  const ref = parseRef(text)
  if (!ref) throw new Fault('usage', `"${text}" is no record id: an id is topic/partition/offset`, { domain: 'user' })
  return ref
}

const readBytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text, 'base64'))

function readAppend(records: Commands['append']['request']['records']): readonly AppendRecord[] {
  return records.map(({ topic, key, value }) => {
    if (!isEventTopic(topic)) throw new Fault('input', `there is no topic "${topic}"`, { domain: 'user' })
    return { topic, key: readBytes(key), value: readBytes(value) }
  })
}

/**
 * The host's commands over one opened data directory.
 *
 * @param checkLock refuses what writes while the profile is locked, unless it is meant
 */
export function createHandlers(
  station: Station,
  owner: OwnerInfo,
  nowMs: () => number,
  mintLink: Handlers['mintLink'],
  cluster: ClusterHandlers,
  checkLock: (isConfirmed: boolean) => Promise<void>,
): Handlers {
  const { views } = station
  return {
    hello: async () => owner,
    status: () => station.board(),
    query: async ({ sql, maxRows }, { signal }) =>
      (await station.queried()).query(sql, { timeoutMs: queryTimeoutMs, maxRows: maxRows ?? queryRows, signal }),
    append: async ({ records }) => {
      await station.log.append(readAppend(records), { appendedAtMs: nowMs(), origin: 'import' })
      return { appended: records.length }
    },
    sync: async () => {
      await station.log.sync()
      return {}
    },
    listLate: async (page) => ({ entries: (await (await station.warehouse()).listLate(page)).map(describeLate) }),
    listQuarantine: async (page) => ({
      entries: (await (await station.warehouse()).listQuarantine(page)).map(describeQuarantined),
    }),
    listAudit: async (page) => ({ entries: (await (await station.warehouse()).listAudit(page)).map(describeAudit) }),
    showQuarantined: async ({ ref }) => {
      const record = await station.ledger.inspect(readRef(ref))
      if (record) return describeRecord(record)
      throw new Fault('not-found', `${ref} is neither in quarantine nor in the log`, { domain: 'user' })
    },
    listConflicts: async (page) => ({
      entries: (await (await station.warehouse()).listConflicts(page)).map(describeConflict),
    }),
    sumQuarantine: async () => ({
      stores: (await sumQuarantine(await station.warehouse())).map(({ cents, ...sums }) => ({
        ...sums,
        amount: formatCents(cents),
      })),
    }),
    sumLedgers: async () => describeSums(await (await station.warehouse()).sumLedgers()),
    readmit: async ({ from, isConfirmed = false, refs }, { who }) => {
      await checkLock(isConfirmed)
      return { results: await station.ledger.readmit(refs, from, who) }
    },
    purgeQuarantine: async ({ isConfirmed = false, refs }) => {
      await checkLock(isConfirmed)
      return { purged: await (await station.warehouse()).purgeQuarantine(refs === null ? null : refs.map(readRef)) }
    },
    reportPainted: async ({ latencyMs }) => {
      station.observePainted(latencyMs)
      return {}
    },
    // The trail is written around every command.
    noteDeed: async () => ({}),
    mintLink,
    ...cluster,
    series: views.series,
    trends: views.trends,
    stores: views.stores,
    heatMap: views.heatMap,
    storeSheet: views.storeSheet,
    quality: views.quality,
    pipeline: views.pipeline,
    alertHistory: views.alertHistory,
    describeSettings: views.describeSettings,
    saveSettings: views.saveSettings,
  }
}
