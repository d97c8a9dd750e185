import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { salesTopic } from '../../events/topics.ts'
import type { EventLog, PartitionDescription } from '../../log/log.ts'
import type { TopicOffsets } from '../../parity/checkpoint.ts'
import type { PipelineView } from '../../protocol/views.ts'
import { readKafkaTopics } from '../../settings/kafka-connection.ts'
import type { Settings } from '../../settings/settings.ts'
import { findCheckpoint, readNewest } from '../parity/checkpoint-files.ts'

type SparkLag = NonNullable<PipelineView['spark']>

export interface SparkLagParts {
  readonly log: EventLog
  readonly settings: Settings
  readonly clock: Clock
}

const unread: SparkLag = { batch: null, records: null, seconds: null, problem: null }

/** A page waits no longer for an age, and not for more partitions than these. */
const patienceMs = 1_000
const mostPartitions = 64

/** How old the oldest record is that the query has not read, over its partitions; null where that cannot be told (soon). */
async function measureAge(
  { clock, log }: SparkLagParts,
  behind: readonly { readonly partition: number; readonly offset: number }[],
): Promise<number | null> {
  if (behind.length === 0) return 0
  if (behind.length > mostPartitions) return null
  const age = async (): Promise<number | null> => {
    const records = await Promise.all(behind.map((place) => log.readAt({ topic: salesTopic, ...place })))
    const times = records.flatMap((record) => (record && record.appendedAtMs >= 0 ? [record.appendedAtMs] : []))
    return times.length < behind.length ? null : Math.max(0, clock.nowMs() - Math.min(...times)) / 1_000
  }
  const answered = new AbortController()
  const asked = age()
  // What goes wrong once nobody waits any more is told at the next look.
  asked.catch(() => undefined)
  try {
    return await Promise.race([asked, clock.sleep(patienceMs, answered.signal).then(() => null)])
  } finally {
    answered.abort()
  }
}

async function measure(parts: SparkLagParts, batch: number | null, read: TopicOffsets): Promise<SparkLag> {
  const name = readKafkaTopics(parts.settings).names[salesTopic]
  if (read.topic !== name) {
    return { ...unread, batch, problem: `the query reads the topic ${read.topic}, and this profile ${name}` }
  }
  const positionOf = ({ partition, startOffset }: PartitionDescription): number =>
    Math.max(startOffset, read.offsets.get(partition) ?? 0)
  const partitions = parts.log.describe().partitions.filter(({ topic }) => topic === salesTopic)
  const behind = partitions.filter((partition) => positionOf(partition) < partition.endOffset)
  return {
    batch,
    records: behind.reduce((sum, partition) => sum + partition.endOffset - positionOf(partition), 0),
    seconds: await measureAge(
      parts,
      behind.map((partition) => ({ partition: partition.partition, offset: positionOf(partition) })),
    ),
    problem: null,
  }
}

/**
 * How far the Spark query whose checkpoint the settings name is behind the log: from its newest committed batch to the
 * log's end. Null where none is named; what keeps it from being told is said instead.
 */
export async function readSparkLag(parts: SparkLagParts): Promise<SparkLag | null> {
  const { settings } = parts
  const directory = settings.profile.eventsFrom === 'kafka' ? settings.text('spark.checkpoint') : ''
  if (directory === '') return null
  try {
    const { batch, read } = await readNewest(findCheckpoint(directory))
    if (!read) return { ...unread, batch, problem: 'the query has not read anything yet' }
    return await measure(parts, batch, read)
  } catch (error) {
    if (error instanceof Fault) return { ...unread, problem: error.message }
    throw error
  }
}
