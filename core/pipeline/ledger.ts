import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { RejectionReason } from '../events/decoded.ts'
import type { Readmission } from '../events/epoch.ts'
import { formatRef, type LogRecord, type RecordRef, valueOf } from '../events/record.ts'
import type { EventLog } from '../log/log.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { describeRejection } from './describe-rejection.ts'
import type { Pipeline } from './pipeline.ts'
import type { ReadingStage } from './reading.ts'
import { encodeReadmission, findKept, parseRef, restoreRecord } from './readmission.ts'

export interface ReadmitResult {
  readonly ref: string
  readonly outcome: 'readmitted' | 'already' | 'refused'
  readonly reason: string | null
}

/** A record as people look at it. */
export interface InspectedRecord {
  readonly ref: RecordRef
  /** Why it is no event; null where it is one under the rules of now. */
  readonly reason: RejectionReason | null
  readonly path: string
  /** What that looks like, and what is read; null where there is nothing to add. */
  readonly hint: string | null
  /** First 64 KiB of the value. */
  readonly bytes: Uint8Array
  readonly sizeBytes: number
  readonly sha256: string
  readonly seenAtMs: number
  readonly readmittedAtMs: number | null
  /** `log`: it is not in the quarantine, or no longer, and read as the rules of now have it. */
  readonly from: 'quarantine' | 'log'
}

/** Late and quarantined records, and the way back for them. */
export interface Ledger {
  /** Appends a re-admission to the log for each record that can still count; takes effect when the pipeline reads it. */
  readmit(refs: readonly string[], from: 'late' | 'quarantine', by: string): Promise<readonly ReadmitResult[]>
  /** A record from the quarantine, else from the log; null where neither has it. */
  inspect(ref: RecordRef): Promise<InspectedRecord | null>
}

export interface LedgerParts {
  readonly log: EventLog
  /** Counts records after all in a running pipeline; null when none runs. */
  readonly findPipeline: () => Pick<Pipeline, 'readmit'> | null
  readonly reading: ReadingStage
  readonly clock: Clock
  readonly openWarehouse: () => Promise<Warehouse>
}

const shownBytes = 65_536

/** Creates the ledger's commands over a log and a warehouse. */
export function createLedger(parts: LedgerParts): Ledger {
  const { log, reading, clock } = parts
  const requested = new Set<string>()

  /** A row that fell out of the bound of its ledger leaves behind where it was, and as what. */
  const findBeyond = async (
    warehouse: Warehouse,
    ref: RecordRef,
    from: 'late' | 'quarantine',
  ): Promise<Readmission | 'already' | null> => {
    const evicted = await warehouse.findEvicted(ref)
    if (evicted?.ledger !== from) return null
    if (evicted.readmittedAtMs !== null) return 'already'
    return { ref, was: from === 'late' ? 'late' : 'invalid', reason: evicted.reason }
  }
  const find = async (ref: RecordRef, from: 'late' | 'quarantine'): Promise<Readmission | 'already' | null> => {
    const warehouse = await parts.openWarehouse()
    if (from === 'late') {
      const entry = await warehouse.findLate(ref)
      if (entry?.readmittedAtMs != null) return 'already'
      return entry ? { ref, was: 'late', reason: null } : await findBeyond(warehouse, ref, from)
    }
    const entry = await warehouse.findQuarantined(ref)
    if (entry?.readmittedAtMs != null) return 'already'
    if (!entry) return await findBeyond(warehouse, ref, from)
    const kept = (await log.readAt(ref)) ? null : findKept(entry)
    return { ref, was: 'invalid', reason: entry.reason, ...(kept ? { kept } : {}) }
  }
  const decode = async (raw: LogRecord): ReturnType<ReadingStage['decode']> => reading.decode([raw], clock.nowMs())

  /** Why the record cannot count, or null when it can. */
  const findObstacle = async ({ kept, ref }: Readmission): Promise<string | null> => {
    const raw = (await log.readAt(ref)) ?? (kept ? restoreRecord(ref, kept) : null)
    if (!raw) return 'the log no longer holds this record'
    const [read] = await decode(raw)
    if (read?.decoded.type === 'rejection')
      return `still ${read.decoded.reason} at ${read.decoded.path || 'the record'}`
    return null
  }

  const appendReadmission = async (readmission: Readmission, by: string): Promise<void> => {
    const nowMs = clock.nowMs()
    await log.append([encodeReadmission(readmission, { by, atMs: nowMs })], { appendedAtMs: nowMs, origin: 'live' })
  }

  const readmitOne = async (text: string, from: 'late' | 'quarantine', by: string): Promise<ReadmitResult> => {
    const refuse = (reason: string): ReadmitResult => ({ ref: text, outcome: 'refused', reason })
    const ref = parseRef(text)
    if (!ref) return refuse('an id is topic/partition/offset')
    const readmission = await find(ref, from)
    if (readmission === 'already' || requested.has(formatRef(ref)))
      return { ref: text, outcome: 'already', reason: null }
    if (!readmission) return refuse(`not in the ${from === 'late' ? 'late ledger' : 'quarantine'}`)
    const obstacle = await findObstacle(readmission)
    if (obstacle !== null) return refuse(obstacle)
    if (log.order === 'log') await appendReadmission(readmission, by)
    else {
      // A log of someone else's has no place for a word of ours: the epoch itself is that word.
      const pipeline = parts.findPipeline()
      if (!pipeline) return refuse('the pipeline does not run')
      await pipeline.readmit([readmission])
    }
    requested.add(formatRef(ref))
    return { ref: text, outcome: 'readmitted', reason: null }
  }

  const inspectLog = async (ref: RecordRef): Promise<InspectedRecord | null> => {
    const raw = await log.readAt(ref)
    if (!raw) return null
    const value = valueOf(raw) ?? new Uint8Array()
    const [read] = await decode(raw)
    const rejection = read?.decoded.type === 'rejection' ? read.decoded : null
    const seenAtMs = Math.max(0, raw.appendedAtMs)
    return {
      ref,
      reason: rejection?.reason ?? null,
      path: rejection?.path ?? '',
      hint: rejection && describeRejection(rejection, value, seenAtMs),
      bytes: Uint8Array.from(value.subarray(0, shownBytes)),
      sizeBytes: value.length,
      sha256: createHash('sha256').update(value).digest('hex'),
      seenAtMs,
      readmittedAtMs: null,
      from: 'log',
    }
  }

  return {
    async readmit(refs, from, by) {
      if (refs.length === 0) throw new Fault('usage', 'name at least one record', { domain: 'user' })
      const results: ReadmitResult[] = []
      for (const ref of refs) results.push(await readmitOne(ref, from, by))
      await log.sync()
      return results
    },
    async inspect(ref) {
      const entry = await (await parts.openWarehouse()).findQuarantined(ref)
      if (!entry) return await inspectLog(ref)
      return { ...entry, hint: describeRejection(entry, entry.bytes, entry.seenAtMs), from: 'quarantine' }
    },
  }
}
