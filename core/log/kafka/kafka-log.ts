import type { KafkaConnection } from '../../base/connections.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { Fault, toFault } from '../../base/fault.ts'
import { type Logger, silentLogger } from '../../base/logger.ts'
import type { LogRecord, RecordRef } from '../../events/record.ts'
import { type EventTopic, eventTopics, isEventTopic, salesTopic } from '../../events/topics.ts'
import type { EventLog, LogDescription, LogPosition, LogProbe, LogReader } from '../log.ts'
import { createWakeups } from '../wakeups.ts'
import { type Compression, loadCodecs } from './batch/codecs.ts'
import { errorCodes } from './calls/error-codes.ts'
import type { Isolation } from './calls/list-offsets.ts'
import { createCluster } from './cluster/cluster.ts'
import { commitGroupOffsets } from './group-offsets.ts'
import { countPartitions, type KafkaLogState, listPartitions, placeOf, refuseClosed } from './log-state.ts'
import { explainCode, findPositionsSince, refreshRanges } from './offsets.ts'
import { createLedgerReader } from './reading/ledger-reader.ts'
import { createLiveReader, type StartFrom } from './reading/live-reader.ts'
import { readOne } from './reading/read-one.ts'
import { createWriter, type Writer } from './writer.ts'

export interface KafkaLogOptions {
  readonly connection: KafkaConnection
  /** What the cluster calls our topics, where it does not call them as we do. */
  readonly topics?: Readonly<Partial<Record<EventTopic, string>>>
  /** Without it there is nothing in this log that could write to the cluster. */
  readonly writes: boolean
  /** Where a reader begins that is given no position. */
  readonly startFrom?: StartFrom
  readonly isolation?: Isolation
  /** Of what is appended; by default none. */
  readonly compression?: Compression
  /** How long connecting, and a sign-in, may take. */
  readonly connectTimeoutMs?: number
  /** How long a broker may take for an answer before its connection is given up. */
  readonly requestTimeoutMs?: number
  /** How long an append tries before it fails. */
  readonly appendTimeoutMs?: number
  readonly probe?: LogProbe
  readonly logger?: Logger
  readonly clock?: Clock
}

/** What a log on a cluster can do beside. */
export interface KafkaLog extends EventLog {
  /**
   * Writes positions down under a consumer group that nobody has joined, for tools that show lag. They are never read.
   *
   * @throws Fault `unreachable` or `refused`; a log for watching refuses always
   */
  commitOffsets(groupId: string, positions: readonly LogPosition[]): Promise<void>
}

/** How often metadata is asked for: the time until a new partition or leader is noticed without an error. */
const refreshMs = 5_000
/** How old the known ends may grow. */
const rangesMs = 1_000

/**
 * A log on someone's Kafka cluster. It never joins a group and commits nothing by itself.
 *
 * 1. Its order is the reader's (`order: 'ledger'`): see reading/merge.ts and reading/live-reader.ts.
 * 2. A topic that does not exist has no partitions; when it comes, it is read from its first record.
 * 3. Nothing is skipped: what a position names and the cluster no longer holds, or holds anew, is a `log-gap`.
 *
 * @throws Fault `unreachable`, `refused` or `not-found`, each naming what to do
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const state = createState(options)
  try {
    await loadCodecs()
    await findTopics(state)
    await refreshRanges(state)
  } catch (error) {
    state.cluster.close()
    throw toFault(error, 'opening the log on Kafka')
  }
  const { writes, compression = 'none', appendTimeoutMs = 30_000 } = options
  const writer = writes ? createWriter(state, compression, appendTimeoutMs) : null
  const closing = new AbortController()
  const keeping = keepKnowing(state, closing.signal)
  return createLog(state, options, writer, async () => {
    closing.abort()
    await keeping
  })
}

function createState(options: KafkaLogOptions): KafkaLogState {
  const { connection, clock = systemClock, logger = silentLogger, topics = {} } = options
  const { connectTimeoutMs = 8_000, requestTimeoutMs = 10_000 } = options
  const topicNames = {
    'retail-transactions': topics['retail-transactions'] ?? 'retail-transactions',
    'customer-events': topics['customer-events'] ?? 'customer-events',
    'inventory-updates': topics['inventory-updates'] ?? 'inventory-updates',
  }
  const settings = { connection, clock, logger, connectTimeoutMs }
  return {
    clock,
    logger,
    topicNames,
    requestTimeoutMs,
    probe: options.probe,
    cluster: createCluster(settings, Object.values(topicNames), requestTimeoutMs),
    isolation: options.isolation ?? 'read-committed',
    ranges: new Map(),
    appendedEnds: new Map(),
    wakeups: createWakeups(clock),
    newestAppendedAtMs: null,
    closed: false,
  }
}

/** How long topics are looked for: every broker learns a little later of one that was just made. */
const findMs = 1_500

async function findTopics(state: KafkaLogState): Promise<void> {
  const untilMs = state.clock.monotonicMs() + findMs
  await state.cluster.refresh()
  while (listPartitions(state).length === 0 && state.clock.monotonicMs() < untilMs) {
    await state.clock.sleep(100)
    await state.cluster.refresh()
  }
  refuseUnknown(state)
}

/** A cluster with none of the topics is most likely the wrong one. */
function refuseUnknown(state: KafkaLogState): void {
  const entries = [...state.cluster.topics.values()]
  const forbidden = entries.find(({ error }) => error === errorCodes.topicNotAllowed)
  if (entries.some(({ partitions }) => partitions.length > 0)) {
    if (forbidden) throw explainCode(forbidden.name, forbidden.error)
    return
  }
  if (forbidden) throw explainCode(forbidden.name, forbidden.error)
  throw new Fault('not-found', `the cluster has none of the topics ${Object.values(state.topicNames).join(', ')}`, {
    hint: 'make them with `storepulse topics create`, or check the names in the profile',
    domain: 'user',
  })
}

/** Keeps metadata, and ends that no fetch tells of, from growing old. */
async function keepKnowing(state: KafkaLogState, closing: AbortSignal): Promise<void> {
  let refreshedAtMs = state.clock.monotonicMs()
  while (!closing.aborted) {
    await state.clock.sleep(rangesMs, closing)
    if (closing.aborted) return
    const nowMs = state.clock.monotonicMs()
    try {
      if (nowMs - refreshedAtMs >= refreshMs) {
        refreshedAtMs = nowMs
        await state.cluster.refresh()
      }
      const isOld = listPartitions(state).some(({ topic, partition }) => {
        const range = state.ranges.get(placeOf(topic, partition))
        return range === undefined || nowMs - range.heardAtMs > rangesMs
      })
      if (isOld) await refreshRanges(state)
    } catch (error) {
      state.logger.debug('the cluster cannot be asked', { reason: toFault(error, 'asking the cluster').message })
    }
  }
}

function createLog(
  state: KafkaLogState,
  { startFrom = 'earliest' }: KafkaLogOptions,
  writer: Writer | null,
  stopKeeping: () => Promise<void>,
): KafkaLog {
  const readers = new Set<LogReader>()
  return {
    get partitions() {
      return countPartitions(state, salesTopic)
    },
    order: 'ledger',
    async append(records, stamp) {
      refuseClosed(state)
      if (writer === null) throw readOnly()
      if (records.length > 0) await writer.append(records, stamp)
    },
    async sync() {
      // What was acknowledged is on all in-sync replicas.
      refuseClosed(state)
    },
    openReader(from, epochs) {
      refuseClosed(state)
      const reader = epochs ? createLedgerReader(state, epochs) : createLiveReader(state, from, startFrom)
      readers.add(reader)
      return reader
    },
    async readAt(ref) {
      refuseClosed(state)
      return lookUp(state, ref)
    },
    async findPositions(sinceMs) {
      refuseClosed(state)
      return findPositionsSince(state, sinceMs)
    },
    describe: () => describe(state),
    async commitOffsets(groupId, positions) {
      refuseClosed(state)
      if (writer === null) throw readOnly()
      await commitGroupOffsets(state, groupId, positions)
    },
    async retain() {
      // How long records are kept is the cluster's to say.
      refuseClosed(state)
    },
    async close() {
      if (state.closed) return
      state.closed = true
      // First of all: what waits for a broker is told that it waits in vain.
      state.cluster.close()
      for (const reader of readers) await reader.close()
      await stopKeeping()
    },
  }
}

async function lookUp(state: KafkaLogState, { topic, partition, offset }: RecordRef): Promise<LogRecord | null> {
  if (!isEventTopic(topic) || offset < 0) return null
  if (!listPartitions(state).some((place) => place.topic === topic && place.partition === partition)) return null
  return readOne(state, topic, partition, offset)
}

const readOnly = (): Fault =>
  new Fault('refused', 'this log was opened for watching: nothing is written to the cluster', {
    hint: 'use a profile that processes',
    domain: 'user',
  })

function describe(state: KafkaLogState): LogDescription {
  const order = (topic: EventTopic): number => eventTopics.indexOf(topic)
  const ranges = [...state.ranges.values()].sort((a, b) => order(a.topic) - order(b.topic) || a.partition - b.partition)
  return {
    // The cluster tells no sizes to those who only read.
    partitions: ranges.map(({ topic, partition, start, end }) => ({
      topic,
      partition,
      startOffset: start,
      endOffset: end,
      sizeBytes: 0,
    })),
    endSequence: ranges.reduce((sum, { end }) => sum + end, 0),
    startSequence: ranges.reduce((sum, { start }) => sum + start, 0),
    sizeBytes: 0,
    newestAppendedAtMs: state.newestAppendedAtMs,
    damage: [],
  }
}
