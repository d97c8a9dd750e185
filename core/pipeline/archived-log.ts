import type { Archive, ArchivePosition, ArchiveSnapshot } from '../archive/archive.ts'
import { Fault } from '../base/fault.ts'
import type { EventLog, LogReader } from '../log/log.ts'

const refuse = async (): Promise<never> => {
  throw new Fault('refused', 'an archive is not appended to like a log', { domain: 'internal' })
}

/**
 * What the archive holds now as a log that can be read: to recompute from, where the log itself no longer reaches.
 *
 * @param order of the log that was archived. The order its records were read in is archived with them; what else an
 * epoch knows of them, the instant they were read, is still the ledger's to tell
 */
export async function openArchivedLog(archive: Archive, order: EventLog['order']): Promise<EventLog> {
  const snapshot = await archive.openSnapshot()
  return {
    partitions: Math.max(1, ...snapshot.partitions.map(({ partition }) => partition + 1)),
    order,
    append: refuse,
    sync: async () => undefined,
    openReader: (from) => openReader(snapshot, from),
    readAt: (ref) => snapshot.readAt(ref),
    findPositions: refuse,
    describe: () => ({
      partitions: snapshot.partitions.map(({ fromOffset, partition, topic, untilOffset }) => ({
        topic,
        partition,
        startOffset: fromOffset,
        endOffset: untilOffset,
        sizeBytes: 0,
      })),
      startSequence: snapshot.startSequence,
      endSequence: snapshot.endSequence,
      sizeBytes: 0,
      newestAppendedAtMs: null,
      damage: [],
    }),
    retain: refuse,
    close: async () => undefined,
  }
}

function openReader(snapshot: ArchiveSnapshot, from: readonly ArchivePosition[]): LogReader {
  const reader = snapshot.openReader(from)
  return {
    read: (maxRecords, maxBytes) => reader.read(maxRecords, maxBytes),
    waitForMore: async () => undefined,
    get nextSequence() {
      return reader.nextSequence
    },
    startedAt: [],
    close: () => reader.close(),
  }
}
