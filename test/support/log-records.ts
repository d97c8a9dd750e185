import type { AppendRecord, LogRecord } from '../../core/events/record.ts'
import { keyOf, valueOf } from '../../core/events/record.ts'
import { eventTopics, type Topic } from '../../core/events/topics.ts'
import type { AppendStamp, EventLog, LogPosition, LogReader } from '../../core/log/log.ts'

export const liveAt = (appendedAtMs: number): AppendStamp => ({ appendedAtMs, origin: 'live' })

/** A record with the given text as value, and as key what stands before the first `:`. */
export const makeRecord = (text: string, topic: Topic = 'retail-transactions'): AppendRecord => ({
  topic,
  key: Buffer.from(text.split(':')[0] ?? ''),
  value: Buffer.from(text),
})

/** Records over all event topics and many keys, numbered from `first`. */
export const makeRecords = (count: number, first = 0): readonly AppendRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const number = first + index
    return makeRecord(`key-${number % 17}:${number}`, eventTopics[number % eventTopics.length])
  })

/** A record as text, for comparing whole logs. */
export function describeRecord(record: LogRecord): string {
  const { topic, partition, offset, sequence, appendedAtMs, origin } = record
  const text = (bytes: Buffer | null): string => (bytes === null ? 'null' : JSON.stringify(bytes.toString('utf8')))
  return `#${sequence} ${topic}/${partition}/${offset} ${origin}@${appendedAtMs} ${text(keyOf(record))} ${text(valueOf(record))}`
}

export const textOf = (record: LogRecord): string => valueOf(record)?.toString('utf8') ?? ''

/** Reads until nothing more comes. */
export async function readOn(reader: Pick<LogReader, 'read'>, maxRecords = 1_000): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = []
  for (;;) {
    const more = await reader.read(maxRecords, 64 * 1024 * 1024)
    if (more.length === 0) return records
    records.push(...more)
  }
}

/** Everything the log holds from the given positions on. */
export async function readAll(log: EventLog, from: readonly LogPosition[] = []): Promise<readonly LogRecord[]> {
  const reader = log.openReader(from)
  try {
    return await readOn(reader)
  } finally {
    await reader.close()
  }
}
