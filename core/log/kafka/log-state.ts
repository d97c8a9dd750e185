import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Logger } from '../../base/logger.ts'
import { type EventTopic, eventTopics, isEventTopic, type Topic } from '../../events/topics.ts'
import type { LogProbe } from '../log.ts'
import type { Wakeups } from '../wakeups.ts'
import type { Isolation } from './calls/list-offsets.ts'
import type { Cluster } from './cluster/cluster.ts'

/** The offsets [start, end) a partition is known to hold for a reader. */
export interface KnownRange {
  readonly topic: EventTopic
  readonly partition: number
  start: number
  end: number
  /** When the end was last heard of, on the monotonic clock. */
  heardAtMs: number
}

/** What the log, its readers and its writer share. */
export interface KafkaLogState {
  readonly clock: Clock
  readonly logger: Logger
  readonly probe: LogProbe | undefined
  readonly cluster: Cluster
  readonly isolation: Isolation
  /** What the cluster calls our topics. */
  readonly topicNames: Readonly<Record<EventTopic, string>>
  /** By topic and partition, in that order. */
  readonly ranges: Map<string, KnownRange>
  /** By place: where our own appends end, until a reader's fetch has seen that far. */
  readonly appendedEnds: Map<string, number>
  readonly wakeups: Wakeups
  readonly requestTimeoutMs: number
  newestAppendedAtMs: number | null
  closed: boolean
}

export const placeOf = (topic: Topic, partition: number): string => `${topic}/${partition}`

export const notOnKafka = (topic: Topic): Fault =>
  new Fault('refused', `${topic} is not on Kafka`, {
    hint: 'with a cluster, a re-admission goes through the warehouse',
    domain: 'internal',
  })

/** The cluster's name of a topic. @throws Fault `refused` for the internal topic, which Kafka does not hold */
export function clusterTopicOf({ topicNames }: KafkaLogState, topic: Topic): string {
  if (isEventTopic(topic)) return topicNames[topic]
  throw notOnKafka(topic)
}

/** Number of partitions the topic is known to have, 0 where it does not exist. */
export const countPartitions = (state: KafkaLogState, topic: EventTopic): number =>
  state.cluster.topics.get(state.topicNames[topic])?.partitions.length ?? 0

/** All partitions the cluster is known to have, by topic and number. */
export const listPartitions = (
  state: KafkaLogState,
): readonly { readonly topic: EventTopic; readonly partition: number }[] =>
  eventTopics.flatMap((topic) =>
    (state.cluster.topics.get(state.topicNames[topic])?.partitions ?? [])
      .map(({ partition }) => ({ topic, partition }))
      .sort((a, b) => a.partition - b.partition),
  )

export function refuseClosed(state: KafkaLogState): void {
  if (state.closed) throw new Fault('cancelled', 'the log is closed')
}

/** Notes what an answer told of a partition's range. */
export function noteRange(
  state: KafkaLogState,
  topic: EventTopic,
  partition: number,
  heard: { readonly start?: number; readonly end?: number },
): void {
  const place = placeOf(topic, partition)
  const known = state.ranges.get(place)
  const range = known ?? { topic, partition, start: 0, end: 0, heardAtMs: -Infinity }
  if (!known) state.ranges.set(place, range)
  if (heard.start !== undefined && heard.start >= 0) range.start = heard.start
  if (heard.end !== undefined && heard.end >= 0) {
    range.end = heard.end
    range.heardAtMs = state.clock.monotonicMs()
  }
}
