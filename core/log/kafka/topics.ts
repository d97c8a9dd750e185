import type { KafkaConnection } from '../../base/connections.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { Fault, toFault } from '../../base/fault.ts'
import { type Logger, silentLogger } from '../../base/logger.ts'
import { type EventTopic, eventTopics } from '../../events/topics.ts'
import { createTopics } from './calls/create-topics.ts'
import { describeCode, errorCodes } from './calls/error-codes.ts'
import { createCluster } from './cluster/cluster.ts'

export interface KafkaTopicsPlan {
  readonly connection: KafkaConnection
  /** What the cluster calls our topics, where it does not call them as we do. */
  readonly topics?: Readonly<Partial<Record<EventTopic, string>>>
  readonly partitions: number
  readonly replicationFactor: number
  readonly timeoutMs?: number
  readonly clock?: Clock
  readonly logger?: Logger
}

/** What became of one topic. */
export interface KafkaTopicMade {
  readonly name: string
  readonly outcome: 'made' | 'was-there'
}

/**
 * Makes the event topics that are missing; those that are there stay as they are. Returns when their partitions have
 * leaders.
 *
 * @throws Fault `refused` when the cluster does not want them, each with what it said
 */
export async function createKafkaTopics(plan: KafkaTopicsPlan): Promise<readonly KafkaTopicMade[]> {
  const { connection, topics = {}, partitions, replicationFactor } = plan
  const { timeoutMs = 10_000, clock = systemClock, logger = silentLogger } = plan
  const names = eventTopics.map((topic) => topics[topic] ?? topic)
  const cluster = createCluster({ connection, clock, logger, connectTimeoutMs: timeoutMs }, names, timeoutMs)
  try {
    await cluster.refresh()
    const link =
      cluster.controller < 0 ? await cluster.linkToAny() : await cluster.linkTo(cluster.controller, 'control')
    const plans = names.map((name) => ({ name, partitions, replicationFactor }))
    const outcomes = await link.send(createTopics(plans, timeoutMs), timeoutMs + 1_000)
    const made = outcomes.map(({ name, error, message }): KafkaTopicMade => {
      if (error === errorCodes.none) return { name, outcome: 'made' }
      if (error === errorCodes.topicExists) return { name, outcome: 'was-there' }
      throw explainRefusal(name, error, message)
    })
    const deadlineMs = clock.monotonicMs() + timeoutMs
    const isReady = (name: string): boolean => {
      const found = cluster.topics.get(name)?.partitions ?? []
      return found.length > 0 && found.every(({ leader }) => leader >= 0)
    }
    while (!names.every(isReady) && clock.monotonicMs() < deadlineMs) {
      await clock.sleep(50)
      await cluster.refresh()
    }
    return made
  } catch (error) {
    throw toFault(error, 'making topics')
  } finally {
    cluster.close()
  }
}

function explainRefusal(name: string, code: number, message: string | null): Fault {
  const isForbidden = code === errorCodes.topicNotAllowed || code === errorCodes.clusterNotAllowed
  const hints: Readonly<Record<number, string>> = {
    [errorCodes.topicNotAllowed]: 'grant Create on the topic or the cluster',
    [errorCodes.clusterNotAllowed]: 'grant Create on the topic or the cluster',
    [errorCodes.invalidReplicationFactor]: 'ask for no more replicas than there are brokers',
    [errorCodes.policyViolation]: "ask the cluster's owner what its policy allows",
  }
  return new Fault(
    'refused',
    isForbidden ? `this user may not make the topic ${name}` : `${name} was not made: ${message ?? describeCode(code)}`,
    { hint: hints[code] ?? 'make the topic by hand', domain: 'user', detail: { topic: name, code } },
  )
}
