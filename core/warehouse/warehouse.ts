// Long because the port stands here as a whole, with the rows that go through it.
import type { RejectionReason } from '../events/decoded.ts'
import type {
  Counters,
  EpochRecord,
  IdConflict,
  LateSale,
  QuarantinedRecord,
  WindowAmendment,
  WindowRow,
} from '../events/epoch.ts'
import type { RecordRef } from '../events/record.ts'
import type { Topic } from '../events/topics.ts'

/**
 * The warehouse port: what has been counted, and how far.
 *
 * 1. A commit is one transaction: rows, ledgers, counters, offsets and the epoch record are all there, or none.
 * 2. Every commit's first statement claims the fencing token; a stale one changes nothing and is a `fenced` fault.
 * 3. A newer revision of a row is never overwritten by an older one; `id` and `created_at` never change.
 * 4. User SQL can neither write nor reach outside.
 */
export interface Warehouse {
  /** Applies missing migrations. @throws Fault `warehouse-newer` when the schema is newer than this program's */
  migrate(): Promise<void>
  /** Takes over as the only writer; whoever held an older token is fenced from then on. */
  claim(claim: OwnerClaim): Promise<void>
  /** How far the last commit got; null before the first. */
  loadProgress(): Promise<Progress | null>
  commit(commit: EpochCommit): Promise<void>
  /**
   * After a commit of unknown outcome: waits out what is left of the attempt, then tells how far the last commit got.
   *
   * @throws Fault `fenced` when the token is no longer the owner's
   */
  settle(token: string): Promise<Progress | null>
  /** Says that the owner is alive. @throws Fault `fenced` when the token is no longer the owner's */
  beat(token: string, atMs: number): Promise<void>
  /**
   * Gives ownership up: nothing commits under the token any more, and whoever comes next has nobody to wait for. Does
   * nothing where the token is not the owner's.
   */
  release(token: string): Promise<void>
  /** Who claimed last, and when it was last heard of; null before the first claim. */
  readOwner(): Promise<OwnerState | null>
  saveSnapshot(snapshot: Snapshot): Promise<void>
  /** Newest first; unreadable ones are left out. */
  loadSnapshots(): Promise<readonly Snapshot[]>
  /** Ledger entries from `epoch` on, in order. */
  listEpochs(fromEpoch: number, limit: number): Promise<readonly EpochRecord[]>
  /** The idle closes among them, all of them. */
  listIdleEpochs(fromEpoch: number): Promise<readonly EpochRecord[]>
  /** The stats over the user's table. */
  readStats(): Promise<WarehouseStatsRow>
  /** Stored windows whose start is in [fromMs, untilMs), ordered by start, then store. */
  listWindows(fromMs: number, untilMs: number): Promise<readonly StoredWindow[]>
  listLate(page: Page): Promise<readonly LateEntry[]>
  /** Last seen first. */
  listQuarantine(page: Page): Promise<readonly QuarantineEntry[]>
  findLate(ref: RecordRef): Promise<LateEntry | null>
  findQuarantined(ref: RecordRef): Promise<QuarantineEntry | null>
  /** Newest first. */
  listConflicts(page: Page): Promise<readonly ConflictEntry[]>
  /** What is known of a record whose row fell out of the late ledger or the quarantine by its bound. */
  findEvicted(ref: RecordRef): Promise<EvictedEntry | null>
  /** Exact over everything ever late or rejected, whatever rows have gone since. */
  sumLedgers(): Promise<LedgerSums>
  /** Forgets quarantined bytes; the counters stay. Returns how many rows went. `refs` null = all not re-admitted. */
  purgeQuarantine(refs: readonly RecordRef[] | null): Promise<number>
  /** Adds alerts, or notes what has changed of them: one is known by its id and when it was raised. */
  saveAlerts(alerts: readonly StoredAlert[]): Promise<void>
  /** Newest first. */
  listAlerts(limit: number): Promise<readonly StoredAlert[]>
  saveTrends(points: readonly StoredTrend[]): Promise<void>
  /** Those measured at `sinceMs` or later, oldest first. */
  listTrends(sinceMs: number): Promise<readonly StoredTrend[]>
  /** Adds to the audit trail; nothing ever changes or leaves it. */
  appendAudit(entry: AuditEntry): Promise<void>
  /** Newest first. */
  listAudit(page: Page): Promise<readonly AuditEntry[]>
  /** Drops rows older than the bounds. */
  prune(bounds: PruneBounds): Promise<void>
  /** Runs one read-only SELECT or EXPLAIN. */
  query(sql: string, options: QueryOptions): Promise<QueryResult>
  close(): Promise<void>
}

export interface OwnerClaim {
  readonly token: string
  readonly processId: number
  readonly command: string
  readonly atMs: number
}

export interface OwnerState {
  /** Null once that owner gave the warehouse up. */
  readonly token: string | null
  readonly processId: number
  readonly command: string
  readonly claimedAtMs: number
  /** Its last commit or beat; null before the first. */
  readonly seenAtMs: number | null
}

export interface PartitionOffset {
  readonly topic: Topic
  readonly partition: number
  /** Next offset to read. */
  readonly offset: number
}

export interface Progress {
  readonly epoch: number
  readonly offsets: readonly PartitionOffset[]
  readonly untilSequence: number
  readonly watermarkMs: number | null
  readonly counters: Counters
  /** `window.sizeMs` these rows were made with. */
  readonly windowSizeMs: number
}

export interface EpochCommit {
  readonly token: string
  readonly epoch: EpochRecord
  /** Offsets after this epoch, of the partitions it touched. */
  readonly offsets: readonly PartitionOffset[]
  readonly counters: Counters
  readonly rows: readonly WindowRow[]
  readonly amendments: readonly WindowAmendment[]
  readonly late: readonly LateSale[]
  readonly quarantined: readonly QuarantinedRecord[]
  readonly readmitted: readonly RecordRef[]
  readonly conflicts: readonly IdConflict[]
  readonly windowSizeMs: number
  /** Write only final rows to the user's table (`window.rows = final`); the app's own has all of them. */
  readonly finalRowsOnly: boolean
  readonly committedAtMs: number
}

/** Recovery state with its own offsets. `state` is opaque here. */
export interface Snapshot {
  readonly epoch: number
  readonly offsets: readonly PartitionOffset[]
  readonly untilSequence: number
  readonly state: Uint8Array
}

export interface WarehouseStatsRow {
  readonly windows: number
  readonly transactions: number
  /** Cents over all rows that have a revenue. */
  readonly cents: bigint
  readonly stores: number
  readonly latestWindowMs: number | null
}

export interface StoredWindow {
  readonly storeId: number
  readonly startMs: number
  readonly endMs: number
  readonly transactions: number
  readonly cents: bigint
  readonly uniqueCustomers: number
  readonly revision: number
  readonly final: boolean
  /** Empty while the window is provisional: only a closed one can be amended. */
  readonly sketch: Uint8Array
}

export interface Page {
  readonly limit: number
  /** Rows to pass over, newest first. */
  readonly offset: number
}

export interface LateEntry extends LateSale {
  readonly epoch: number
  readonly readmittedAtMs: number | null
}

export interface QuarantineEntry extends QuarantinedRecord {
  readonly epoch: number
  readonly readmittedAtMs: number | null
}

export interface ConflictEntry extends IdConflict {
  readonly epoch: number
}

export const ledgerNames = ['late', 'quarantine', 'conflicts'] as const
export type LedgerName = (typeof ledgerNames)[number]

/** A row without its contents. */
export interface EvictedEntry {
  readonly ref: RecordRef
  readonly ledger: 'late' | 'quarantine'
  /** Null where it was late. */
  readonly reason: RejectionReason | null
  readonly readmittedAtMs: number | null
}

/** Late sales of a store, those that count after all beside those that do not. */
export interface LateSums {
  readonly storeId: number
  readonly records: number
  readonly cents: bigint
  readonly readmitted: number
  readonly readmittedCents: bigint
}

/** Rows of a ledger. */
export interface LedgerRows {
  /** In the ledger itself, where they can be listed. */
  readonly kept: number
  /** Fallen out of its bound. */
  readonly evicted: number
  /** Taken out by hand. */
  readonly purged: number
}

export interface LedgerSums {
  /** By store. */
  readonly late: readonly LateSums[]
  readonly rows: Readonly<Record<LedgerName, LedgerRows>>
}

export interface StoredAlert {
  readonly id: string
  readonly raisedAtMs: number
  readonly kind: string
  readonly severity: string
  readonly message: string
  readonly storeId: number | null
  /** Null while it holds. */
  readonly resolvedAtMs: number | null
}

/** What the tiles showed at an instant and no other table holds; null where there was nothing to show. */
export interface StoredTrend {
  readonly atMs: number
  readonly customers: number | null
  readonly p50Ms: number | null
  readonly dataQuality: number | null
}

/** Who did what to what. `detail` is free text, never a secret. */
export interface AuditEntry {
  readonly atMs: number
  readonly who: string
  readonly action: string
  readonly subject: string
  readonly detail: string
}

export interface PruneBounds {
  /** Windows that ended before this go; null keeps all. */
  readonly windowsBeforeMs: number | null
  readonly lateRows: number
  readonly quarantineRows: number
  /** Most rows remembered without their contents once they are beyond these bounds. */
  readonly evictedRows: number
  /** Where the log begins, by partition: records before it are only remembered in sums. */
  readonly heldFrom: readonly PartitionOffset[]
  /** Epochs below this sequence may go, idle ones too. */
  readonly epochsBelowSequence: number
  readonly epochRows: number
  /** Most alerts kept, newest first; those that hold stay. */
  readonly alertRows: number
  readonly trendsBeforeMs: number
}

export interface QueryOptions {
  readonly timeoutMs: number
  readonly maxRows: number
  readonly signal?: AbortSignal
}

/** A cell as JSON has it: decimals and 64-bit integers are strings, timestamps ISO-8601 UTC, bytes base64. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [name: string]: Cell }

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly Cell[])[]
  /** More rows than `maxRows` matched, or than can be held in memory. */
  readonly truncated: boolean
}
