import { Fault } from '../base/fault.ts'
import type { LogRecord } from '../events/record.ts'
import type { ArchivePosition, ArchiveReader } from './archive.ts'
import type { ArchivedFile } from './catalog.ts'

/** Reads a data file whole and checks it. */
export type OpenFile = (file: ArchivedFile) => Promise<readonly LogRecord[]>

interface Lane {
  /** Files not opened yet, in order. */
  readonly files: ArchivedFile[]
  readonly fromOffset: number
  records: readonly LogRecord[]
  at: number
}

const sizeOf = (record: LogRecord): number => record.keyEnd - record.keyStart + (record.valueEnd - record.valueStart)

/** The next sequence of a lane, without opening a file; Infinity at its end. */
const headOf = (lane: Lane): number =>
  lane.records[lane.at]?.sequence ?? lane.files[0]?.fromSequence ?? Number.POSITIVE_INFINITY

/** Reads all partitions in sequence order; at most one file of each is in memory. */
export function createMergedReader(
  files: readonly ArchivedFile[],
  from: readonly ArchivePosition[],
  openFile: OpenFile,
): ArchiveReader {
  const byPlace = new Map<string, Lane>()
  for (const file of files) {
    const place = `${file.topic}/${file.partition}`
    const fromOffset =
      from.find(({ topic, partition }) => topic === file.topic && partition === file.partition)?.offset ?? 0
    const lane = byPlace.get(place) ?? { files: [], fromOffset, records: [], at: 0 }
    if (file.untilOffset > fromOffset) lane.files.push(file)
    byPlace.set(place, lane)
  }
  const lanes = [...byPlace.values()]
  let closed = false
  let nextSequence = lanes.reduce((least, lane) => Math.min(least, headOf(lane)), Number.POSITIVE_INFINITY)
  if (nextSequence === Number.POSITIVE_INFINITY) nextSequence = 0

  const openNext = async (lane: Lane): Promise<void> => {
    const file = lane.files.shift()
    if (file === undefined) return
    lane.records = (await openFile(file)).filter(({ offset }) => offset >= lane.fromOffset)
    lane.at = 0
  }
  /** The lane that goes on, and the sequence at which another one does. */
  const chooseLane = (): { readonly lane: Lane | null; readonly untilSequence: number } => {
    let first: Lane | null = null
    let least = Number.POSITIVE_INFINITY
    let untilSequence = Number.POSITIVE_INFINITY
    for (const lane of lanes) {
      const head = headOf(lane)
      if (head < least) {
        untilSequence = least
        least = head
        first = lane
      } else untilSequence = Math.min(untilSequence, head)
    }
    return { lane: first, untilSequence }
  }

  return {
    async read(maxRecords, maxBytes) {
      if (closed) throw new Fault('cancelled', 'the reader is closed')
      const taken: LogRecord[] = []
      let bytes = 0
      while (taken.length < maxRecords && (bytes < maxBytes || taken.length === 0)) {
        const { lane, untilSequence } = chooseLane()
        if (lane === null) break
        if (lane.at >= lane.records.length) {
          await openNext(lane)
          continue
        }
        for (;;) {
          const record = lane.records[lane.at]
          if (record === undefined || record.sequence >= untilSequence) break
          if (taken.length >= maxRecords || (bytes >= maxBytes && taken.length > 0)) break
          taken.push(record)
          bytes += sizeOf(record)
          lane.at += 1
          nextSequence = record.sequence + 1
        }
      }
      return taken
    },
    get nextSequence() {
      return nextSequence
    },
    async close() {
      closed = true
    },
  }
}
