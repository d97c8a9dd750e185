import type { EpochRecord } from '../../../core/events/epoch.ts'
import { formatRef, type LogRecord, type RecordRef, valueOf } from '../../../core/events/record.ts'
import { eventTopics, isEventTopic, readmissionTopic, type EventTopic } from '../../../core/events/topics.ts'
import { mergeFetched } from '../ledger-log.ts'
import { type OracleEvent, readEvent } from '../oracle-event.ts'
import { createOracle, type Oracle, type OracleRecord, type OracleVerdict } from '../oracle-rules.ts'
import type { LogSite } from './log-site.ts'
import type { SeenCommit } from './witness.ts'
import type { World } from './world.ts'

/** What a record that was late or invalid must have in its ledger. */
export interface Entered {
  readonly record: LogRecord
  readonly verdict: Extract<OracleVerdict, { type: 'late' | 'invalid' }>
  readonly epoch: EpochRecord
  /** The record's *now*. */
  readonly nowMs: number
}

type OracleSale = Extract<OracleEvent, { type: 'sale' }>

/** Later than any record could be. */
const anyFutureMs = 8_000_000_000_000_000

/** The committed epochs, gone over again by the oracle. */
export interface Retold {
  readonly oracle: Oracle
  readonly entered: Map<string, Entered>
  /** Refs that counted after all, and those for which that was asked in the order of things. */
  readonly readmitted: Set<string>
  readonly asked: Set<string>
  readonly conflicts: string[]
  /** Next offset, by `topic/partition`. */
  readonly next: Map<string, number>
  /** The sales in each epoch, whatever became of them. */
  readonly batches: readonly (readonly OracleSale[])[]
  tell(seen: SeenCommit): void
}

export async function createRetold(world: World, site: LogSite): Promise<Retold> {
  const { scenario } = world
  const all = await site.listAll()
  const byRef = new Map(all.map((record) => [formatRef(record), record]))
  const oracle = createOracle({
    sizeMs: scenario.windowSizeMs,
    latenessMs: scenario.latenessMs,
    futureMs: scenario.futureMs,
    zone: 'UTC',
    duplicates: scenario.duplicates,
    maxIds: scenario.maxIds,
  })
  const entered = new Map<string, Entered>()
  const readmitted = new Set<string>()
  const asked = new Set<string>()
  const conflicts: string[] = []
  const next = new Map<string, number>()
  const batches: OracleSale[][] = []

  const find = (ref: RecordRef): LogRecord | undefined =>
    site.ledger
      ? site.ledger.recordsOf({ ...ref, from: ref.offset, until: ref.offset + 1 })[0]
      : byRef.get(formatRef(ref))
  const recordsOf = ({ fromSequence, ranges, untilSequence }: EpochRecord): readonly LogRecord[] => {
    const { ledger } = site
    if (!ledger) return all.slice(fromSequence, untilSequence)
    const orderOf = (topic: string): number => eventTopics.findIndex((known) => known === topic)
    const slots = [...ranges].sort((a, b) => orderOf(a.topic) - orderOf(b.topic) || a.partition - b.partition)
    return mergeFetched(slots.map((range) => ledger.recordsOf(range)))
  }
  const present = (topic: EventTopic, record: LogRecord, readAtMs: number): OracleRecord => {
    const { appendedAtMs, partition } = record
    const nowMs = appendedAtMs < 0 ? readAtMs : Math.min(appendedAtMs, readAtMs)
    return { topic, partition, bytes: valueOf(record), appendedAtMs: site.ledger ? nowMs : appendedAtMs }
  }

  const readmit = (ref: RecordRef, readAtMs: number): void => {
    const name = formatRef(ref)
    const entry = entered.get(name)
    const record = find(ref)
    asked.add(name)
    if (!entry || !record || !isEventTopic(ref.topic)) {
      world.report('readmission', `${name} was neither late nor invalid`)
      return
    }
    const { verdict } = entry
    const reason = verdict.type === 'invalid' ? verdict.reason : null
    const counted = oracle.readmit({ ref: name, was: verdict.type, reason }, present(ref.topic, record, readAtMs))
    if (counted) readmitted.add(name)
    if (counted?.conflict) conflicts.push(name)
  }
  const read = (record: LogRecord, epoch: EpochRecord): void => {
    const name = formatRef(record)
    if (record.topic === readmissionTopic) {
      const { offset, partition, topic } = JSON.parse(String(valueOf(record)))
      readmit({ topic, partition, offset }, epoch.readAtMs)
      return
    }
    const presented = present(record.topic, record, epoch.readAtMs)
    const verdict = oracle.read(presented)
    if (verdict.type === 'late' || verdict.type === 'invalid')
      entered.set(name, { record, verdict, epoch, nowMs: presented.appendedAtMs })
    if (verdict.type === 'duplicate' && verdict.conflict) conflicts.push(name)
  }

  const readSale = (record: LogRecord): OracleSale | null => {
    const bytes = valueOf(record)
    if (record.topic !== 'retail-transactions' || bytes === null) return null
    const event = readEvent(record.topic, bytes, 0, { futureMs: anyFutureMs, zone: 'UTC' })
    return event.type === 'sale' ? event : null
  }

  const follow = (record: LogRecord): void => {
    const place = `${record.topic}/${record.partition}`
    const from = next.get(place) ?? 0
    const between = site.ledger
      ? site.ledger.recordsOf({ ...record, from, until: record.offset }).length
      : record.offset - from
    if (record.offset < from) world.report('order', `${formatRef(record)} is committed a second time`)
    else if (between > 0) world.report('order', `${between} records before ${formatRef(record)} are left out`)
    next.set(place, record.offset + 1)
  }

  return {
    oracle,
    entered,
    readmitted,
    asked,
    conflicts,
    next,
    batches,
    tell({ commit, futureMs }) {
      const { epoch } = commit
      oracle.setFutureMs(futureMs)
      if (epoch.kind === 'idle') {
        if (epoch.watermarkMs !== null) oracle.closeIdle(epoch.watermarkMs)
        return
      }
      if (epoch.kind === 'readmission') {
        for (const { from, partition, topic } of epoch.ranges)
          readmit({ topic, partition, offset: from }, epoch.readAtMs)
        return
      }
      const records = recordsOf(epoch)
      if (records.length !== epoch.records) {
        world.report('epochs', `epoch ${epoch.epoch} names ${records.length} records, and says ${epoch.records}`)
      }
      batches.push(records.flatMap((record) => readSale(record) ?? []))
      for (const record of records) {
        follow(record)
        read(record, epoch)
      }
    },
  }
}
