import type { EpochRecord } from '../../../core/events/epoch.ts'
import { type AppendRecord, type LogRecord, valueOf } from '../../../core/events/record.ts'
import { isEventTopic } from '../../../core/events/topics.ts'
import { openSegmentLog } from '../../../core/log/segment/segment-log.ts'
import type { PlacedRecord, Truth } from './truth.ts'
import { futureMs } from './kill.ts'

/** Of each topic of a log on disk. */
export const partitions = 4

/** What the log says: its records in their order, and between them what the ledger tells of idle closes. */
export async function readLogTruth(
  directory: string,
  idle: readonly EpochRecord[],
): Promise<Truth & { readonly damage: readonly string[] }> {
  const log = await openSegmentLog({ directory, partitions, segmentBytes: 65_536 })
  try {
    const damage = log.describe().damage.map((one) => `the log is damaged: ${JSON.stringify(one)}`)
    const records: LogRecord[] = []
    const reader = log.openReader([])
    for (let read = await reader.read(10_000, 16_777_216); read.length > 0; ) {
      records.push(...read)
      read = await reader.read(10_000, 16_777_216)
    }
    await reader.close()
    return { steps: describeSteps(records, idle), futureMs, damage }
  } finally {
    await log.close()
  }
}

function describeSteps(records: readonly LogRecord[], idle: readonly EpochRecord[]): Truth['steps'] {
  const placed = new Map<string, PlacedRecord>()
  const closes = idle.filter(({ watermarkMs }) => watermarkMs !== null)
  const steps: Truth['steps'][number][] = []
  const closeBefore = (sequence: number): void => {
    while (closes[0] && closes[0].fromSequence <= sequence) {
      steps.push({ closesUntilMs: closes.shift()?.watermarkMs ?? 0 })
    }
  }
  for (const record of records) {
    closeBefore(record.sequence)
    const { appendedAtMs, offset, partition, topic } = record
    const bytes = valueOf(record)
    if (isEventTopic(topic)) {
      const step = { topic, partition, offset, bytes, appendedAtMs }
      placed.set(`${topic}/${partition}/${offset}`, step)
      steps.push(step)
    } else {
      const named = JSON.parse(String(bytes)) as { topic: string; partition: number; offset: number }
      const readmits = placed.get(`${named.topic}/${named.partition}/${named.offset}`)
      if (readmits) steps.push({ readmits })
    }
  }
  closeBefore(Infinity)
  return steps
}

/** What must be in the log, whatever happened. */
export interface Known {
  /** The first records. */
  readonly past: readonly AppendRecord[]
  /** Values that a command has said are there. */
  readonly acknowledged: readonly string[]
}

/** The past must stand first as it was written; what was acknowledged must be there, once. */
export function findLost({ acknowledged, past }: Known, { steps }: Truth): readonly string[] {
  const records = steps.filter((step): step is PlacedRecord => 'topic' in step)
  const lost: string[] = []
  for (const [index, { topic, value }] of past.entries()) {
    const found = records[index]
    const isSame =
      found?.topic === topic && Buffer.compare(found.bytes ?? Buffer.alloc(0), value ?? Buffer.alloc(0)) === 0
    if (!isSame) lost.push(`record ${index} of the past is not what was written`)
  }
  const times = new Map<string, number>()
  for (const { bytes } of records) {
    const text = bytes === null ? '' : Buffer.from(bytes).toString()
    if (text.startsWith('{"transaction_id":"import-')) times.set(text, (times.get(text) ?? 0) + 1)
  }
  for (const line of acknowledged) {
    if (times.get(line) !== 1) lost.push(`acknowledged ${times.get(line) ?? 0} times: ${line}`)
  }
  return lost
}
