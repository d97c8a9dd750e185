import { Fault, toFault } from '../../../base/fault.ts'
import type { EpochRecord, PartitionRange } from '../../../events/epoch.ts'
import type { LogRecord } from '../../../events/record.ts'
import type { LogReader, WaitingPartition } from '../../log.ts'
import { refuseGap } from '../../start-offsets.ts'
import { type KafkaLogState, placeOf } from '../log-state.ts'
import { isLacking, type MergeLane, takeMerged } from './merge.ts'
import { skipTo } from './partition-buffer.ts'
import { askHeld, createReaderCore, openBuffer } from './reader-core.ts'

const waitMs = 1_000

/**
 * Gives the records of epochs that were read before, in the order and with the sequences they had: the ranges of an epoch
 * were one read, so merging them by the rule of a read gives it again. One read never crosses an epoch. At the end of the
 * last one there is nothing more.
 *
 * It waits without a limit for a partition that cannot be read: an empty answer means the end.
 */
export function createLedgerReader(log: KafkaLogState, epochs: readonly EpochRecord[]): LogReader {
  const pending = epochs.filter(({ kind, ranges }) => kind === 'records' && ranges.length > 0)
  const { first, until } = spanRanges(pending)
  const core = createReaderCore(log, {
    wantedUntil: ({ topic, partition }) => until.get(placeOf(topic, partition)) ?? 0,
    onRefresh: () => undefined,
  })
  let isStarted = false
  let current: { readonly epoch: EpochRecord; readonly lanes: readonly MergeLane[] } | null = null
  let given = 0
  let nextSequence = pending[0]?.fromSequence ?? epochs.at(-1)?.untilSequence ?? 0
  let waitingFor: readonly WaitingPartition[] = []

  async function start(): Promise<void> {
    const held = await askHeld(log, core)
    const buffers = [...first.values()].map((range) => {
      const partition = held.find(({ topic, partition }) => topic === range.topic && partition === range.partition)
      if (partition === undefined) throw missing(range)
      refuseGap(partition, range.from)
      refuseGap(partition, until.get(placeOf(range.topic, range.partition)) ?? range.until)
      return openBuffer(partition, range.from)
    })
    core.add(buffers)
    isStarted = true
    core.news.wakeAll()
  }

  const beginEpoch = (epoch: EpochRecord): void => {
    const lanes = epoch.ranges.flatMap((range) => {
      const buffer = core.buffers.get(placeOf(range.topic, range.partition))
      if (buffer === undefined) return []
      skipTo(buffer, range.from)
      return [{ buffer, until: range.until }]
    })
    current = { epoch, lanes }
    given = 0
    nextSequence = epoch.fromSequence
  }

  /** The next records of the current epoch or, where it is at its end, of the one after it; null to wait for more. */
  const take = (maxRecords: number, maxBytes: number): readonly LogRecord[] | null => {
    while (true) {
      if (current) {
        const { epoch, lanes } = current
        const taken = takeMerged(lanes, maxRecords, maxBytes, nextSequence)
        given += taken.length
        nextSequence += taken.length
        if (taken.length > 0) return taken
        if (lanes.some(isLacking)) return null
        if (given < epoch.records) throw incomplete(epoch, given)
        current = null
      }
      const epoch = pending.shift()
      if (epoch === undefined) return []
      beginEpoch(epoch)
    }
  }

  const starting = start().catch((error: unknown) => core.fail(toFault(error, 'beginning to read')))

  const refuseEnded = (): void => {
    if (core.isClosed()) throw new Fault('cancelled', 'the reader is closed')
    const fault = core.fault() ?? current?.lanes.find(({ buffer }) => buffer.fault && !buffer.hasRecord)?.buffer.fault
    if (fault) throw fault
  }

  return {
    async read(maxRecords, maxBytes) {
      while (true) {
        if (core.isClosed() || core.fault()) refuseEnded()
        const taken = isStarted ? take(maxRecords, maxBytes) : null
        if (taken !== null) {
          core.room.wakeAll()
          waitingFor = []
          return taken
        }
        refuseEnded()
        await core.news.wait(waitMs, core.closing)
        const lacking = current?.lanes.filter(isLacking) ?? []
        waitingFor = core.troubles.explain(lacking.map(({ buffer }) => buffer))
      }
    },
    async waitForMore() {
      // A read waits by itself; the end stays the end.
    },
    get nextSequence() {
      return nextSequence
    },
    startedAt: [],
    get waitingFor() {
      return waitingFor
    },
    async close() {
      await core.close()
      if (log.closed) await starting
    },
  }
}

/** By place, the first range of each partition and the end of its last. */
function spanRanges(epochs: readonly EpochRecord[]): {
  readonly first: ReadonlyMap<string, PartitionRange>
  readonly until: ReadonlyMap<string, number>
} {
  const first = new Map<string, PartitionRange>()
  const until = new Map<string, number>()
  for (const range of epochs.flatMap(({ ranges }) => ranges)) {
    const place = placeOf(range.topic, range.partition)
    if (!first.has(place)) first.set(place, range)
    until.set(place, Math.max(range.until, until.get(place) ?? 0))
  }
  return { first, until }
}

const missing = ({ topic, partition, from, until }: PartitionRange): Fault =>
  new Fault(
    'log-gap',
    `${topic}/${partition}: the log has no such partition; offsets ${from} to ${until - 1} are wanted`,
    {
      hint: 'bring the topic back, or start on a new warehouse',
      detail: { topic, partition, offset: from },
    },
  )

const nameRanges = (ranges: readonly PartitionRange[]): string =>
  ranges.map(({ topic, partition, from, until }) => `${topic}/${partition} ${from} to ${until - 1}`).join(', ')

const incomplete = ({ epoch, records, ranges }: EpochRecord, given: number): Fault =>
  new Fault('log-gap', `the log holds ${given} of the ${records} records of epoch ${epoch} (${nameRanges(ranges)})`, {
    hint: 'compaction may have removed them; start on a new warehouse to count what is left',
    detail: { epoch, records, given },
  })
