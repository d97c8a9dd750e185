import { Fault, toFault } from '../../../base/fault.ts'
import type { LogRecord } from '../../../events/record.ts'
import type { LogPosition, LogReader, WaitingPartition } from '../../log.ts'
import { refuseGap } from '../../start-offsets.ts'
import { type KafkaLogState, placeOf } from '../log-state.ts'
import { findOffsets } from '../offsets.ts'
import { isLacking, type MergeLane, takeMerged } from './merge.ts'
import { askHeld, createReaderCore, type HeldPartition, openBuffer } from './reader-core.ts'

/** Where to begin in a log that nothing has been read of yet: at an end, or at an instant in milliseconds. */
export type StartFrom = 'earliest' | 'latest' | number

/** How long a read waits for a partition before it says so. */
const waitMs = 1_000
/** How long a partition that should have records may give none before its connection is opened anew. */
const rebuildMs = 10_000

/**
 * Reads what is there, and what comes.
 *
 * 1. `nextSequence` is the sum of all partitions' positions. It never goes back, also over passed offsets without records
 *    and over a restart, because positions do not.
 * 2. A read numbers its records from there without a gap. Each moves its position by one at least, so that the next read
 *    begins at a sequence not below any given before.
 * 3. Nothing is given while a partition is known to hold more and none of it is here.
 */
export function createLiveReader(log: KafkaLogState, from: readonly LogPosition[], startFrom: StartFrom): LogReader {
  const startedAt: LogPosition[] = []
  const core = createReaderCore(log, { wantedUntil: () => Infinity, onRefresh: () => void addNewPartitions() })
  let lanes: readonly MergeLane[] = []
  let waitingFor: readonly WaitingPartition[] = []
  let lackingSinceMs: number | null = null
  let isStarted = false
  let isAdding = false
  const sumOfWanted = from.reduce((sum, { offset }) => sum + offset, 0)

  const addPartitions = (held: readonly HeldPartition[], offsetOf: (partition: HeldPartition) => number): void => {
    const added = held.map((partition) => {
      const offset = offsetOf(partition)
      refuseGap(partition, offset)
      return openBuffer(partition, offset)
    })
    lanes = [...lanes, ...added.map((buffer) => ({ buffer, until: Infinity }))]
    core.add(added)
  }

  async function start(): Promise<void> {
    const held = await askHeld(log, core)
    const first = from.length === 0 ? await findFirst(log, held, startFrom) : null
    const wanted = new Map(from.map((position) => [placeOf(position.topic, position.partition), position]))
    for (const position of from) {
      if (!held.some(({ topic, partition }) => topic === position.topic && partition === position.partition)) {
        throw missing(position)
      }
    }
    addPartitions(held, ({ topic, partition }) => {
      const place = placeOf(topic, partition)
      return first?.get(place) ?? wanted.get(place)?.offset ?? 0
    })
    if (first) startedAt.push(...lanes.map(({ buffer }) => ({ ...buffer, offset: buffer.position })).map(positionOf))
    isStarted = true
    core.news.wakeAll()
  }

  /** Partitions that came after the start are read from their first record. */
  async function addNewPartitions(): Promise<void> {
    const isNew = ({ topic, partition }: LogPosition): boolean => !core.buffers.has(placeOf(topic, partition))
    const known = [...log.cluster.topics.values()].reduce((sum, { partitions }) => sum + partitions.length, 0)
    if (!isStarted || isAdding || known <= core.buffers.size) return
    isAdding = true
    try {
      addPartitions((await askHeld(log, core)).filter(isNew), () => 0)
    } catch (error) {
      core.fail(toFault(error, 'beginning with new partitions'))
    } finally {
      isAdding = false
    }
  }

  const listLacking = (): readonly MergeLane[] => lanes.filter(isLacking)

  /** Whether to go on waiting inside a read. */
  const noteLacking = (lacking: readonly MergeLane[]): boolean => {
    const nowMs = log.clock.monotonicMs()
    lackingSinceMs ??= nowMs
    if (nowMs - lackingSinceMs < waitMs) return true
    if (nowMs - lackingSinceMs >= rebuildMs) {
      for (const { buffer } of lacking) core.rebuild(buffer)
      lackingSinceMs = nowMs - waitMs
    }
    waitingFor = core.troubles.explain(lacking.map(({ buffer }) => buffer))
    return false
  }

  /** What this process has appended is waited for, though no fetch has told of it yet. */
  const noteAppended = (): void => {
    if (log.appendedEnds.size === 0) return
    for (const { buffer } of lanes) {
      const end = log.appendedEnds.get(placeOf(buffer.topic, buffer.partition)) ?? 0
      if (end > buffer.knownEnd) buffer.knownEnd = end
    }
  }

  const take = (maxRecords: number, maxBytes: number): readonly LogRecord[] => {
    noteAppended()
    const taken = takeMerged(lanes, maxRecords, maxBytes, sumPositions(lanes))
    if (taken.length > 0) {
      core.room.wakeAll()
      lackingSinceMs = null
      waitingFor = []
    }
    return taken
  }

  /** Whoever reads again at once, and again, must not keep answers from coming in. */
  const giveNothing = async (): Promise<readonly LogRecord[]> => {
    await log.clock.sleep(0)
    return []
  }

  const starting = start().catch((error: unknown) => core.fail(toFault(error, 'beginning to read')))

  const refuseEnded = (): void => {
    if (core.isClosed()) throw new Fault('cancelled', 'the reader is closed')
    const fault = core.fault() ?? lanes.find(({ buffer }) => buffer.fault && !buffer.hasRecord)?.buffer.fault
    if (fault) throw fault
  }

  return {
    async read(maxRecords, maxBytes) {
      while (true) {
        if (core.isClosed() || core.fault()) refuseEnded()
        if (isStarted) {
          const taken = take(maxRecords, maxBytes)
          if (taken.length > 0) return taken
          refuseEnded()
          const lacking = listLacking()
          if (lacking.length === 0) {
            lackingSinceMs = null
            // Nobody knows what a broker that cannot be reached holds by now.
            waitingFor = core.troubles.list(waitMs)
            return await giveNothing()
          }
          if (!noteLacking(lacking)) return await giveNothing()
        } else {
          waitingFor = core.troubles.list(0)
          if (waitingFor.length > 0) return await giveNothing()
        }
        await core.news.wait(waitMs, core.closing)
      }
    },
    async waitForMore(timeoutMs, signal) {
      const untilMs = log.clock.monotonicMs() + timeoutMs
      const isReady = (): boolean =>
        isStarted && lanes.some(({ buffer }) => buffer.hasRecord) && listLacking().length === 0
      while (!isReady() && !core.isClosed() && core.fault() === null && !signal?.aborted) {
        const leftMs = untilMs - log.clock.monotonicMs()
        if (leftMs <= 0) return
        await core.news.wait(leftMs, signal)
      }
    },
    get nextSequence() {
      return isStarted ? sumPositions(lanes) : sumOfWanted
    },
    get startedAt() {
      return startedAt
    },
    get waitingFor() {
      return waitingFor
    },
    async close() {
      await core.close()
      if (log.closed) await starting
    },
  }
}

const positionOf = ({ topic, partition, offset }: LogPosition): LogPosition => ({ topic, partition, offset })

const sumPositions = (lanes: readonly MergeLane[]): number =>
  lanes.reduce((sum, { buffer }) => sum + buffer.position, 0)

const missing = ({ topic, partition, offset }: LogPosition): Fault =>
  new Fault('log-gap', `${topic}/${partition}: the log has no such partition, and was read up to offset ${offset}`, {
    hint: 'bring the topic back, or start on a new warehouse',
    detail: { topic, partition, offset },
  })

/** Where a first start begins, by place. */
async function findFirst(
  log: KafkaLogState,
  held: readonly HeldPartition[],
  startFrom: StartFrom,
): Promise<ReadonlyMap<string, number>> {
  const found =
    typeof startFrom === 'number'
      ? await findOffsets(
          log,
          held.map(({ topic, partition }) => ({ topic, partition, timeMs: Math.max(0, startFrom) })),
        )
      : []
  return new Map(
    held.map((partition, index) => {
      const { startOffset, visibleEnd } = partition
      const byTime = found[index] ?? -1
      const latest = byTime < 0 ? visibleEnd : Math.min(byTime, visibleEnd)
      return [placeOf(partition.topic, partition.partition), startFrom === 'earliest' ? startOffset : latest]
    }),
  )
}
