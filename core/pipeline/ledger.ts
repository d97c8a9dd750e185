import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Readmission } from '../events/epoch.ts'
import { formatRef, type RecordRef } from '../events/record.ts'
import type { EventLog } from '../log/log.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Pipeline } from './pipeline.ts'
import type { ReadingStage } from './reading.ts'
import { encodeReadmission, parseRef } from './readmission.ts'

export interface ReadmitResult {
  readonly ref: string
  readonly outcome: 'readmitted' | 'already' | 'refused'
  readonly reason: string | null
}

/** Late and quarantined records, and the way back for them. */
export interface Ledger {
  /** Appends a re-admission to the log for each record that can still count; takes effect when the pipeline reads it. */
  readmit(refs: readonly string[], from: 'late' | 'quarantine', by: string): Promise<readonly ReadmitResult[]>
}

export interface LedgerParts {
  readonly log: EventLog
  /** Counts records after all in a running pipeline; null when none runs. */
  readonly findPipeline: () => Pick<Pipeline, 'readmit'> | null
  readonly reading: ReadingStage
  readonly clock: Clock
  readonly openWarehouse: () => Promise<Warehouse>
}

/** Creates the ledger's commands over a log and a warehouse. */
export function createLedger(parts: LedgerParts): Ledger {
  const { log, reading, clock } = parts
  const requested = new Set<string>()

  const find = async (ref: RecordRef, from: 'late' | 'quarantine'): Promise<Readmission | 'already' | null> => {
    const warehouse = await parts.openWarehouse()
    if (from === 'late') {
      const entry = await warehouse.findLate(ref)
      if (entry?.readmittedAtMs != null) return 'already'
      return entry ? { ref, was: 'late', reason: null } : null
    }
    const entry = await warehouse.findQuarantined(ref)
    if (entry?.readmittedAtMs != null) return 'already'
    return entry ? { ref, was: 'invalid', reason: entry.reason } : null
  }

  /** Why the record cannot count, or null when it can. */
  const findObstacle = async (ref: RecordRef): Promise<string | null> => {
    const raw = await log.readAt(ref)
    if (!raw) return 'the log no longer holds this record'
    const [read] = await reading.decode([raw], clock.nowMs())
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
    const obstacle = await findObstacle(ref)
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

  return {
    async readmit(refs, from, by) {
      if (refs.length === 0) throw new Fault('usage', 'name at least one record', { domain: 'user' })
      const results: ReadmitResult[] = []
      for (const ref of refs) results.push(await readmitOne(ref, from, by))
      await log.sync()
      return results
    },
  }
}
