import type { EpochRecord, PartitionRange } from '../../../core/events/epoch.ts'
import { type AppendRecord, type LogRecord, valueOf } from '../../../core/events/record.ts'
import { eventTopics, isEventTopic } from '../../../core/events/topics.ts'
import type { EventLog } from '../../../core/log/log.ts'
import { mergeFetched } from '../ledger-log.ts'
import type { PlacedRecord, Truth } from './truth.ts'

const refOf = (topic: string, partition: number, offset: number): string => `${topic}/${partition}/${offset}`
const topicOrder = ({ topic }: PartitionRange): number => eventTopics.findIndex((known) => known === topic)

/** The records in the order in which the ledger says they were committed, and what it tells of the time between two. */
export function orderByLedger(records: readonly LogRecord[], epochs: readonly EpochRecord[]): Truth['steps'] {
  const byRef = new Map(records.map((record) => [refOf(record.topic, record.partition, record.offset), record]))
  const placed = new Map<string, PlacedRecord>()
  const steps: Truth['steps'][number][] = []
  for (const epoch of epochs) {
    if (epoch.kind === 'idle' && epoch.watermarkMs !== null) steps.push({ closesUntilMs: epoch.watermarkMs })
    if (epoch.kind === 'readmission') {
      for (const { from, partition, topic } of epoch.ranges) {
        const readmits = placed.get(refOf(topic, partition, from))
        if (readmits) steps.push({ readmits })
      }
    }
    if (epoch.kind !== 'records') continue
    const slots = epoch.ranges.toSorted(
      (left, right) => topicOrder(left) - topicOrder(right) || left.partition - right.partition,
    )
    const fetched = slots.map(({ from, partition, topic, until }) =>
      Array.from({ length: until - from }, (_, index) => byRef.get(refOf(topic, partition, from + index))).flatMap(
        (record) => (record ? [record] : []),
      ),
    )
    for (const { appendedAtMs, offset, partition, topic, ...rest } of mergeFetched(fetched)) {
      if (!isEventTopic(topic)) continue
      const bytes = valueOf({ appendedAtMs, offset, partition, topic, ...rest })
      const step = { topic, partition, offset, bytes, appendedAtMs: Math.min(appendedAtMs, epoch.readAtMs) }
      placed.set(refOf(topic, partition, offset), step)
      steps.push(step)
    }
  }
  return steps
}

/** Everything in the topics: so many records. */
export async function readAll(log: EventLog, count: number): Promise<readonly LogRecord[]> {
  const reader = log.openReader([])
  const records: LogRecord[] = []
  try {
    while (records.length < count) {
      const read = await reader.read(10_000, 16_777_216)
      // The memory a reader gives may be used again.
      records.push(...read.map((record) => ({ ...record, source: Buffer.from(record.source) })))
      if (read.length === 0) await reader.waitForMore(200)
    }
  } finally {
    await reader.close()
  }
  return records
}

/** Every record that a broker has acknowledged must be there once, and no other. */
export function compareSent(everSent: readonly AppendRecord[], records: readonly LogRecord[]): readonly string[] {
  const digestOf = (topic: string, value: Uint8Array | null): string =>
    `${topic} ${value === null ? 'null' : Buffer.from(value).toString('latin1')}`
  const found = records.map((record) => digestOf(record.topic, valueOf(record))).sort()
  const sent = everSent.map(({ topic, value }) => digestOf(topic, value)).sort()
  const at = sent.findIndex((digest, index) => digest !== found[index])
  return at < 0 && found.length === sent.length
    ? []
    : [`the topics hold ${found.length} records, not the ${sent.length} sent`]
}
