import { Fault, toFault } from '../../base/fault.ts'
import type { Topic } from '../../events/topics.ts'
import type { LogPosition } from '../log.ts'
import { describeCode, errorCodes, isPassing } from './calls/error-codes.ts'
import { askOffsets, endTime, type Isolation, type OffsetQuestion, startTime } from './calls/list-offsets.ts'
import { clusterTopicOf, type KafkaLogState, listPartitions, noteRange } from './log-state.ts'

/** A partition, and what is asked of it. */
export interface OffsetWish {
  readonly topic: Topic
  readonly partition: number
  readonly timeMs: number
}

const pauseMs = 100

/**
 * Asks the leaders, and again while leadership changes.
 *
 * @returns offsets in the order of the wishes; -1 where no record is that young
 * @throws Fault `unreachable`, `refused` or `not-found` when that does not help within the time of a request
 */
export async function findOffsets(
  state: KafkaLogState,
  wishes: readonly OffsetWish[],
  isolation: Isolation = state.isolation,
): Promise<readonly number[]> {
  const found = new Map<number, number>()
  const deadlineMs = state.clock.monotonicMs() + state.requestTimeoutMs
  let fault: Fault | null = null
  while (found.size < wishes.length) {
    const open = wishes.map((_, index) => index).filter((index) => !found.has(index))
    fault = await askLeaders(state, wishes, open, found, isolation)
    if (found.size === wishes.length) break
    fault ??= new Fault('unreachable', 'a broker left an offset out of its answer', { retry: true })
    if (!fault.retry || state.closed || state.clock.monotonicMs() > deadlineMs) throw fault
    await state.clock.sleep(pauseMs)
    await state.cluster.refresh().catch((error: unknown) => {
      fault = toFault(error, 'asking for metadata')
    })
  }
  return wishes.map((_, index) => found.get(index) ?? -1)
}

async function askLeaders(
  state: KafkaLogState,
  wishes: readonly OffsetWish[],
  open: readonly number[],
  found: Map<number, number>,
  isolation: Isolation,
): Promise<Fault | null> {
  const byLeader = new Map<number, number[]>()
  for (const index of open) {
    const wish = wishes[index]
    if (!wish) continue
    const leader = state.cluster.leaderOf(clusterTopicOf(state, wish.topic), wish.partition)
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), index])
  }
  const faults = await Promise.all(
    [...byLeader].map(async ([leader, indexes]) => {
      try {
        return await askLeader(state, wishes, leader, indexes, found, isolation)
      } catch (error) {
        return toFault(error, 'asking for offsets')
      }
    }),
  )
  return faults.find((fault) => fault !== null && !fault.retry) ?? faults.find((fault) => fault !== null) ?? null
}

async function askLeader(
  state: KafkaLogState,
  wishes: readonly OffsetWish[],
  leader: number,
  indexes: readonly number[],
  found: Map<number, number>,
  isolation: Isolation,
): Promise<Fault | null> {
  if (leader < 0) return lackLeader(wishes[indexes[0] ?? 0])
  const link = await state.cluster.linkTo(leader, 'control')
  // One request must not name a partition twice.
  const times = [...new Set(indexes.map((index) => wishes[index]?.timeMs ?? 0))]
  let fault: Fault | null = null
  for (const timeMs of times) {
    const asked = indexes.filter((index) => wishes[index]?.timeMs === timeMs)
    const questions: OffsetQuestion[] = asked.flatMap((index) => {
      const wish = wishes[index]
      return wish ? [{ topic: clusterTopicOf(state, wish.topic), partition: wish.partition, timeMs }] : []
    })
    for (const answer of await link.send(askOffsets(questions, isolation), state.requestTimeoutMs)) {
      const index = asked.find((candidate) => {
        const wish = wishes[candidate]
        return wish && wish.partition === answer.partition && clusterTopicOf(state, wish.topic) === answer.topic
      })
      if (index === undefined) continue
      if (answer.error === errorCodes.none) found.set(index, answer.offset)
      else fault = explainCode(`${answer.topic}/${answer.partition}`, answer.error)
    }
  }
  return fault
}

const lackLeader = (wish: OffsetWish | undefined): Fault =>
  new Fault('unreachable', `${wish?.topic}/${wish?.partition} has no leader at the moment`, {
    hint: 'check that its brokers run; it is tried again',
    retry: true,
  })

/** An error that a broker gave for a partition. */
export function explainCode(place: string, code: number): Fault {
  if (code === errorCodes.topicNotAllowed) {
    return new Fault('refused', `${place}: this user may not do that with the topic`, {
      hint: 'grant Read and Describe (for writing also Write) on the topic',
      domain: 'user',
      retry: true,
      detail: { cause: 'acl' },
    })
  }
  return new Fault('unreachable', `${place}: ${describeCode(code)}`, {
    hint: isPassing(code) ? 'it is tried again' : "look into the broker's log",
    retry: isPassing(code),
  })
}

/** Start and end of every partition, asked for now and noted. */
export async function refreshRanges(state: KafkaLogState): Promise<void> {
  const partitions = listPartitions(state)
  const [starts, ends] = await Promise.all([
    findOffsets(
      state,
      partitions.map((place) => ({ ...place, timeMs: startTime })),
    ),
    findOffsets(
      state,
      partitions.map((place) => ({ ...place, timeMs: endTime })),
    ),
  ])
  for (const [index, { topic, partition }] of partitions.entries()) {
    noteRange(state, topic, partition, { start: starts[index] ?? 0, end: ends[index] ?? 0 })
  }
}

/** Per partition the first record of that time or later; the end where there is none. */
export async function findPositionsSince(state: KafkaLogState, sinceMs: number): Promise<readonly LogPosition[]> {
  const partitions = listPartitions(state)
  const [found, ends] = await Promise.all([
    findOffsets(
      state,
      partitions.map((place) => ({ ...place, timeMs: Math.max(0, sinceMs) })),
    ),
    findOffsets(
      state,
      partitions.map((place) => ({ ...place, timeMs: endTime })),
    ),
  ])
  return partitions.map(({ topic, partition }, index) => {
    const offset = found[index] ?? -1
    return { topic, partition, offset: offset < 0 ? (ends[index] ?? 0) : offset }
  })
}
