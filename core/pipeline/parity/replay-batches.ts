import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { EpochRecord, ReadRecord } from '../../events/epoch.ts'
import { type LogRecord, valueOf } from '../../events/record.ts'
import { salesTopic } from '../../events/topics.ts'
import type { EventLog, LogPosition, LogReader } from '../../log/log.ts'
import type { SparkBatch } from '../../parity/batch.ts'
import type { Replay, ReplayState } from '../../parity/replay.ts'
import type { ReplayPlan } from '../../parity/replay-plan.ts'
import type { RejectedPlace } from '../../parity/touched.ts'
import type { ReadingStage } from '../reading.ts'

export interface ReplayingParts {
  readonly log: EventLog
  readonly reading: ReadingStage
  readonly replay: Replay
  readonly plan: ReplayPlan
  readonly readPlaces: (value: Uint8Array) => readonly RejectedPlace[]
  readonly clock: Clock
  readonly onProgress: (records: number) => void
  readonly signal: AbortSignal
}

const chunkRecords = 20_000
const chunkBytes = 64 * 1_048_576
/** How long a partition may give nothing before the server counts as unreachable. */
const patienceMs = 60_000
/** Beyond every record's time: what a record says of its own time is believed. */
const readAtMs = 8_640_000_000_000_000

/** The batches as epochs of the ledger: a log that is ordered by it gives them one after the other. */
const writeEpochs = (batches: readonly SparkBatch[]): readonly EpochRecord[] =>
  batches.map(({ number, ranges }) => ({
    epoch: number,
    kind: 'records',
    ranges: ranges.map((range) => ({ topic: salesTopic, ...range })),
    fromSequence: 0,
    untilSequence: 0,
    // Spark counted what there was; how much that is, its offsets do not tell.
    records: 0,
    watermarkMs: null,
    readAtMs: 0,
  }))

/** Where the batches begin; of everything else nothing is read. */
function findStart(log: EventLog, batches: readonly SparkBatch[]): readonly LogPosition[] {
  const first = new Map<number, number>()
  for (const { from, partition } of batches.flatMap(({ ranges }) => ranges)) {
    if (!first.has(partition)) first.set(partition, from)
  }
  return log.describe().partitions.map(({ endOffset, partition, topic }) => ({
    topic,
    partition,
    offset: topic === salesTopic ? (first.get(partition) ?? endOffset) : endOffset,
  }))
}

/** By batch, where it ends in each partition, those included that it read nothing of. */
function listEnds(batches: readonly SparkBatch[]): readonly ReadonlyMap<number, number>[] {
  const ends = new Map<number, number>()
  for (const { from, partition } of batches.flatMap(({ ranges }) => ranges)) {
    if (!ends.has(partition)) ends.set(partition, from)
  }
  return batches.map(({ ranges }) => {
    for (const { partition, until } of ranges) ends.set(partition, until)
    return new Map(ends)
  })
}

async function readChunk({ clock, signal }: ReplayingParts, reader: LogReader): Promise<readonly LogRecord[]> {
  const settled = new AbortController()
  const giveUp = async (): Promise<readonly LogRecord[]> => {
    await clock.sleep(patienceMs, settled.signal)
    if (settled.signal.aborted) return []
    const [waiting] = reader.waitingFor ?? []
    const where = waiting ? `partition ${waiting.partition}: ${waiting.reason}` : 'no partition says why'
    throw new Fault('unreachable', `nothing could be read for ${patienceMs / 1_000} s (${where})`, {
      retry: true,
      hint: 'try again once the brokers answer',
    })
  }
  try {
    if (signal.aborted) throw new Fault('cancelled', 'the comparison was cancelled', { domain: 'user' })
    return await Promise.race([reader.read(chunkRecords, chunkBytes), giveUp()])
  } finally {
    settled.abort()
  }
}

function addRecord({ readPlaces, replay }: ReplayingParts, { decoded, record }: ReadRecord): void {
  switch (decoded.type) {
    case 'sale':
      replay.addSale(decoded)
      return
    case 'rejection': {
      const { offset, partition, topic } = record
      replay.addRejected({ topic, partition, offset }, readPlaces(valueOf(record) ?? new Uint8Array(0)))
      return
    }
    case 'tombstone':
    case 'event':
      return
    default:
      decoded satisfies never
  }
}

/** What replaying has come to, with and without a last batch that was not committed. */
export interface ReplayedStates {
  readonly committed: ReplayState
  /** Null where every batch was committed. */
  readonly planned: ReplayState | null
}

/**
 * Reads what the batches read and counts it, batch by batch. A log in an order of its own may give records of a later batch
 * before all of an earlier one are there: they wait.
 *
 * @param isLastOpen whether the state before the last batch is wanted too
 */
export async function replayBatches(parts: ReplayingParts, isLastOpen: boolean): Promise<ReplayedStates> {
  const { log, onProgress, plan, reading, replay } = parts
  const { batches } = plan
  const ends = listEnds(batches)
  const waiting = new Map<number, ReadRecord[]>()
  const positions = new Map(
    findStart(log, batches).flatMap((at) => (at.topic === salesTopic ? [[at.partition, at.offset]] : [])),
  )
  const before: { state: ReplayState | null } = { state: null }
  let current = -1
  let records = 0

  const begin = (): void => {
    current += 1
    const batch = batches[current]
    if (!batch) return
    if (isLastOpen && current === batches.length - 1) before.state = replay.read()
    if (plan.isFirstJoined && current === 0) replay.beginJoined(batch.watermarkMs ?? 0)
    else replay.beginBatch(batch.number, batch.watermarkMs)
    for (const record of waiting.get(current) ?? []) addRecord(parts, record)
    waiting.delete(current)
  }
  const isRead = (): boolean =>
    [...(ends[current] ?? [])].every(([partition, end]) => (positions.get(partition) ?? 0) >= end)
  /** Ends batches of which everything has been read, or all that are left. */
  const endBatches = (all: boolean): void => {
    while (current < batches.length && (all || isRead())) {
      replay.endBatch()
      begin()
    }
  }
  const add = (read: ReadRecord): void => {
    const { offset, partition } = read.record
    let at = current
    while (at < batches.length && offset >= (ends[at]?.get(partition) ?? 0)) at += 1
    if (at >= batches.length) return
    const waits = waiting.get(at)
    if (at === current) addRecord(parts, read)
    else if (waits) waits.push(read)
    else waiting.set(at, [read])
  }

  if (plan.skipped) replay.skipTo(plan.skipped.watermarkMs, plan.skipped.newestMs)
  const reader = log.openReader(findStart(log, batches), log.order === 'ledger' ? writeEpochs(batches) : undefined)
  const stop = (): void => void reader.close()
  parts.signal.addEventListener('abort', stop, { once: true })
  try {
    begin()
    endBatches(false)
    while (current < batches.length) {
      const chunk = await readChunk(parts, reader)
      if (chunk.length === 0) break
      for (const read of await reading.decode(
        chunk.filter(({ topic }) => topic === salesTopic),
        readAtMs,
      )) {
        add(read)
        positions.set(read.record.partition, read.record.offset + 1)
      }
      records += chunk.length
      onProgress(records)
      endBatches(false)
    }
    endBatches(true)
  } finally {
    parts.signal.removeEventListener('abort', stop)
    await reader.close()
  }
  const whole = replay.read()
  return before.state ? { committed: before.state, planned: whole } : { committed: whole, planned: null }
}
