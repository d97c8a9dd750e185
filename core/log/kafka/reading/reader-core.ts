import { Fault, toFault } from '../../../base/fault.ts'
import type { LogPosition } from '../../log.ts'
import { createWakeups, type Wakeups } from '../../wakeups.ts'
import { clusterTopicOf, type KafkaLogState, listPartitions, noteRange, placeOf } from '../log-state.ts'
import { errorCodes } from '../calls/error-codes.ts'
import { endTime, startTime } from '../calls/list-offsets.ts'
import { findOffsets } from '../offsets.ts'
import { createFetching } from './fetching.ts'
import { createPartitionBuffer, type PartitionBuffer } from './partition-buffer.ts'
import { createTroubles, type Troubles } from './troubles.ts'

/** What a reader of either kind is made of: buffers that fetching fills, and what went wrong. */
export interface ReaderCore {
  readonly buffers: ReadonlyMap<string, PartitionBuffer>
  readonly troubles: Troubles
  readonly news: Wakeups
  readonly room: Wakeups
  readonly closing: AbortSignal
  readonly isClosed: () => boolean
  /** What ended the reader. */
  readonly fault: () => Fault | null
  /** Fetches these from now on, beside what is fetched already. */
  add(buffers: readonly PartitionBuffer[]): void
  /** Has the connection to the leader of a partition opened anew. */
  rebuild(buffer: PartitionBuffer): void
  fail(fault: Fault): void
  close(): Promise<void>
}

export interface CoreOptions {
  readonly wantedUntil: (buffer: PartitionBuffer) => number
  /** Told when the cluster's partitions may have changed. */
  readonly onRefresh: () => void
}

let readers = 0
/** How long a cluster must go on not knowing a topic: brokers learn of changes one after the other. */
const goneMs = 10_000

export function createReaderCore(log: KafkaLogState, { wantedUntil, onRefresh }: CoreOptions): ReaderCore {
  readers += 1
  const purpose = `fetch-${readers}`
  const buffers = new Map<string, PartitionBuffer>()
  const topicIds = new Map<string, string>()
  const missingSinceMs = new Map<string, number>()
  const closing = new AbortController()
  const news = createWakeups(log.clock)
  const room = createWakeups(log.clock)
  const troubles = createTroubles(log.clock)
  let fault: Fault | null = null

  const fail = (cause: Fault): void => {
    fault ??= cause
    news.wakeAll()
  }
  const fetching = createFetching({
    log,
    purpose,
    buffers,
    wantedUntil,
    troubles,
    news,
    room,
    fail,
    closing: closing.signal,
  })

  const isGone = (name: string): boolean => {
    const nowMs = log.clock.monotonicMs()
    if (log.cluster.topics.get(name)?.error !== errorCodes.unknownTopicOrPartition) {
      missingSinceMs.delete(name)
      return false
    }
    const sinceMs = missingSinceMs.get(name) ?? nowMs
    missingSinceMs.set(name, sinceMs)
    return nowMs - sinceMs >= goneMs
  }

  /** A topic that was made anew under its name has other records at the same offsets. */
  const checkTopics = (): void => {
    for (const { topic, partition, position } of buffers.values()) {
      const name = clusterTopicOf(log, topic)
      if (isGone(name)) fail(gone(topic, partition, position))
      const id = log.cluster.topics.get(name)?.id
      if (!id) continue
      const known = topicIds.get(name)
      if (known === undefined) topicIds.set(name, id)
      else if (known !== id) fail(recreated(topic, partition, position))
    }
  }
  const undo = log.cluster.onRefresh(() => {
    checkTopics()
    onRefresh()
    fetching.assign()
    news.wakeAll()
  })

  return {
    buffers,
    troubles,
    news,
    room,
    fail,
    closing: closing.signal,
    isClosed: () => closing.signal.aborted || log.closed,
    fault: () => fault,
    add(more) {
      for (const buffer of more) buffers.set(placeOf(buffer.topic, buffer.partition), buffer)
      checkTopics()
      fetching.assign()
    },
    rebuild({ topic, partition }) {
      log.cluster.closeLink(log.cluster.leaderOf(clusterTopicOf(log, topic), partition), purpose)
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      undo()
      for (const buffer of buffers.values()) {
        log.cluster.closeLink(log.cluster.leaderOf(clusterTopicOf(log, buffer.topic), buffer.partition), purpose)
      }
      news.wakeAll()
      room.wakeAll()
      await fetching.ended()
    },
  }
}

const gone = (topic: string, partition: number, offset: number): Fault =>
  new Fault(
    'log-gap',
    `${topic} was deleted: what was to be read from ${topic}/${partition} offset ${offset} on is gone`,
    {
      hint: 'bring the topic back, or start on a new warehouse',
      detail: { topic, partition, offset },
    },
  )

const recreated = (topic: string, partition: number, offset: number): Fault =>
  new Fault(
    'log-gap',
    `${topic} was deleted and made anew: what was to be read from ${topic}/${partition} offset ${offset} on is gone`,
    {
      hint: 'start on a new warehouse to count the new topic, or bring the old one back',
      detail: { topic, partition, offset },
    },
  )

/** What every partition holds, for a start: all of it, and as far as this reader may see. */
export interface HeldPartition extends LogPosition {
  readonly startOffset: number
  readonly endOffset: number
  readonly visibleEnd: number
}

/** Asks until there is an answer or the reader is closed. */
export async function askHeld(log: KafkaLogState, core: ReaderCore): Promise<readonly HeldPartition[]> {
  while (true) {
    const partitions = listPartitions(log)
    const ask = (timeMs: number, isolation = log.isolation): Promise<readonly number[]> =>
      findOffsets(
        log,
        partitions.map((place) => ({ ...place, timeMs })),
        isolation,
      )
    try {
      const [starts, ends, visible] = await Promise.all([
        ask(startTime),
        ask(endTime, 'read-uncommitted'),
        ask(endTime),
      ])
      for (const { topic, partition } of partitions) core.troubles.clear(topic, partition)
      return partitions.map(({ topic, partition }, index) => {
        const startOffset = starts[index] ?? 0
        const visibleEnd = visible[index] ?? 0
        noteRange(log, topic, partition, { start: startOffset, end: visibleEnd })
        // Asked for at three moments: the end is at least what was visible.
        const endOffset = Math.max(ends[index] ?? 0, visibleEnd)
        return { topic, partition, offset: startOffset, startOffset, endOffset, visibleEnd }
      })
    } catch (error) {
      const fault = toFault(error, 'asking what the log holds')
      if (!fault.retry || core.isClosed()) throw fault
      for (const { topic, partition } of partitions) core.troubles.note(topic, partition, fault.message)
      core.news.wakeAll()
      await log.clock.sleep(500, core.closing)
    }
  }
}

/** A buffer that begins at `offset` and is known to hold what the partition holds. */
export function openBuffer({ topic, partition, visibleEnd }: HeldPartition, offset: number): PartitionBuffer {
  const buffer = createPartitionBuffer(topic, partition, offset)
  buffer.knownEnd = visibleEnd
  return buffer
}
