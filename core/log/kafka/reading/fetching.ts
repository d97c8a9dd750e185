import { Fault, toFault } from '../../../base/fault.ts'
import { refuseGap } from '../../start-offsets.ts'
import type { Wakeups } from '../../wakeups.ts'
import { damagedBatch, splitBatches } from '../batch/batch-header.ts'
import { describeCode, errorCodes, isPassing } from '../calls/error-codes.ts'
import { askRecords, type FetchAnswer, type FetchLimits } from '../calls/fetch.ts'
import { clusterTopicOf, type KafkaLogState, noteRange, placeOf } from '../log-state.ts'
import { endTime, startTime } from '../calls/list-offsets.ts'
import { explainCode, findOffsets } from '../offsets.ts'
import { addBatches, type PartitionBuffer } from './partition-buffer.ts'
import type { Troubles } from './troubles.ts'

export interface FetchingParts {
  readonly log: KafkaLogState
  /** Tells this reader's connections from others'. */
  readonly purpose: string
  readonly buffers: ReadonlyMap<string, PartitionBuffer>
  /** Offset from which on nothing is wanted of a partition. */
  readonly wantedUntil: (buffer: PartitionBuffer) => number
  readonly troubles: Troubles
  /** Woken when a partition has something new to say. */
  readonly news: Wakeups
  /** Woken when records were read, so that there is room. */
  readonly room: Wakeups
  readonly closing: AbortSignal
  /** Ends the reader. */
  readonly fail: (fault: Fault) => void
}

/** Most bytes held of all partitions, about; at many partitions each has some room all the same. */
const roomBytes = 100_663_296
const leastRoomBytes = 524_288
const mostRoomBytes = 8_388_608
const answerBytes = 33_554_432

/** Bytes held of a partition from which on a fetch leaves it out. */
const roomOf = (partitions: number): number =>
  Math.max(leastRoomBytes, Math.min(mostRoomBytes, Math.floor(roomBytes / partitions)))

const limitsOf = (partitions: number, waitMs: number): FetchLimits => ({
  waitMs,
  bytes: answerBytes,
  bytesPerPartition: roomOf(partitions) / 2,
})
/** How long a broker may wait for news when there is nothing to read. */
const pollMs = 500
/** Pause while some partitions have no room and the others nothing to give. */
const fullPauseMs = 100
const firstPauseMs = 100
const longestPauseMs = 2_000

/**
 * Keeps one fetch under way to every broker that leads a partition. {@link assign} is called when leaders may have changed.
 *
 * 1. A fetch asks for all partitions of its broker that have room, each time beginning with another.
 * 2. A broker that does not answer in time has its connection closed and opened anew.
 * 3. What an answer brings goes into a buffer only if it is what the buffer wants next, so that leadership that moves
 *    during a fetch doubles nothing.
 */
export function createFetching(parts: FetchingParts): { assign(): void; ended(): Promise<void> } {
  const { log, buffers, troubles, closing } = parts
  const loops = new Map<number, Promise<void>>()

  const leaderOf = ({ topic, partition }: PartitionBuffer): number =>
    log.cluster.leaderOf(clusterTopicOf(log, topic), partition)

  const listOf = (broker: number): readonly PartitionBuffer[] =>
    [...buffers.values()].filter((buffer) => leaderOf(buffer) === broker)

  const assign = (): void => {
    if (closing.aborted) return
    for (const buffer of buffers.values()) {
      const leader = leaderOf(buffer)
      if (leader < 0) troubles.note(buffer.topic, buffer.partition, 'it has no leader')
      else if (!loops.has(leader)) {
        const loop = fetchFrom(parts, leader, () => listOf(leader)).finally(() => loops.delete(leader))
        loops.set(leader, loop)
      }
    }
  }
  return {
    assign,
    async ended() {
      await Promise.all(loops.values())
    },
  }
}

/** Fetches from one broker as long as it leads anything. */
async function fetchFrom(
  parts: FetchingParts,
  broker: number,
  listPartitions: () => readonly PartitionBuffer[],
): Promise<void> {
  const { log, troubles, room, news, closing, wantedUntil } = parts
  let pauseMs = firstPauseMs
  let turn = 0
  while (!closing.aborted) {
    const led = listPartitions()
    if (led.length === 0) return
    const wanted = led.filter((buffer) => buffer.fault === null && buffer.fetchOffset < wantedUntil(buffer))
    const roomy = wanted.filter((buffer) => buffer.bufferedBytes < roomOf(parts.buffers.size))
    if (roomy.length === 0) {
      await room.wait(pollMs, closing)
      continue
    }
    const isFull = roomy.length < wanted.length
    if (isFull && roomy.every((buffer) => buffer.fetchOffset >= buffer.knownEnd)) await room.wait(fullPauseMs, closing)
    turn += 1
    const asked = roomy.map((_, index) => roomy[(index + turn) % roomy.length]).filter((buffer) => buffer !== undefined)
    try {
      await fetchOnce(parts, broker, asked, isFull ? 0 : pollMs)
      pauseMs = firstPauseMs
    } catch (error) {
      if (closing.aborted) return
      const { message } = toFault(error, `fetching from ${log.cluster.nameOf(broker)}`)
      for (const { topic, partition } of led) troubles.note(topic, partition, message)
      news.wakeAll()
      log.logger.debug('a fetch failed', { broker, reason: message })
      await log.clock.sleep(pauseMs, closing)
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
      await log.cluster.refresh().catch(() => undefined)
    }
  }
}

async function fetchOnce(
  parts: FetchingParts,
  broker: number,
  asked: readonly PartitionBuffer[],
  waitMs: number,
): Promise<void> {
  const { log, purpose, closing } = parts
  const link = await log.cluster.linkTo(broker, purpose)
  const questions = asked.map(({ topic, partition, fetchOffset }) => ({
    topic: clusterTopicOf(log, topic),
    partition,
    offset: fetchOffset,
  }))
  const answers = await link.send(
    askRecords(questions, log.isolation, limitsOf(parts.buffers.size, waitMs)),
    waitMs + log.requestTimeoutMs,
  )
  if (closing.aborted) return
  let isStale = false
  for (const answer of answers) {
    const index = questions.findIndex(
      ({ topic, partition }) => topic === answer.topic && partition === answer.partition,
    )
    const buffer = asked[index]
    if (buffer === undefined || buffer.fetchOffset !== questions[index]?.offset) continue
    if (answer.error === errorCodes.none) takeAnswer(parts, buffer, answer)
    else isStale = (await takeError(parts, buffer, answer.error)) || isStale
  }
  parts.news.wakeAll()
  if (!isStale) return
  await log.clock.sleep(firstPauseMs, closing)
  await log.cluster.refresh().catch(() => undefined)
}

function takeAnswer({ log, troubles }: FetchingParts, buffer: PartitionBuffer, answer: FetchAnswer): void {
  const { topic, partition } = buffer
  const end = log.isolation === 'read-committed' && answer.stableEnd >= 0 ? answer.stableEnd : answer.highWatermark
  const known = log.ranges.get(placeOf(topic, partition))
  if (known) noteRange(log, known.topic, partition, { start: answer.startOffset, end })
  if ((log.appendedEnds.get(placeOf(topic, partition)) ?? 0) <= answer.highWatermark) {
    log.appendedEnds.delete(placeOf(topic, partition))
  }
  buffer.knownEnd = end
  troubles.clear(topic, partition)
  try {
    const { batches, nextOffset } = splitBatches(
      answer.records,
      { topic, partition, offset: buffer.fetchOffset },
      log.isolation === 'read-committed' ? answer.aborted : [],
    )
    addBatches(buffer, batches, nextOffset)
  } catch (error) {
    buffer.fault = toFault(error, `reading ${placeOf(topic, partition)}`)
  }
}

/** @returns whether newer metadata may help */
async function takeError(parts: FetchingParts, buffer: PartitionBuffer, code: number): Promise<boolean> {
  const { troubles } = parts
  const { topic, partition } = buffer
  if (code === errorCodes.offsetOutOfRange) {
    await nameGap(parts, buffer)
    return true
  }
  if (code === errorCodes.corruptMessage) {
    buffer.fault = damagedBatch({ topic, partition, offset: buffer.fetchOffset }, 'the broker finds its batch damaged')
    return false
  }
  troubles.note(
    topic,
    partition,
    code === errorCodes.topicNotAllowed ? explainCode(topic, code).message : describeCode(code),
  )
  return isPassing(code) || code === errorCodes.topicNotAllowed
}

/** The broker does not have what comes next: tells exactly what is missing. */
async function nameGap({ log, troubles, fail }: FetchingParts, buffer: PartitionBuffer): Promise<void> {
  const { topic, partition } = buffer
  const [startOffset = 0, endOffset = 0] = await findOffsets(
    log,
    [
      { topic, partition, timeMs: startTime },
      { topic, partition, timeMs: endTime },
    ],
    'read-uncommitted',
  )
  try {
    refuseGap({ topic, partition, startOffset, endOffset }, buffer.fetchOffset)
    troubles.note(topic, partition, 'its broker does not hold it yet')
  } catch (error) {
    fail(error instanceof Fault ? error : toFault(error, `reading ${placeOf(topic, partition)}`))
  }
}
