import { createHash } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import { keyOf, type LogRecord, valueOf } from '../events/record.ts'
import type { Topic } from '../events/topics.ts'
import { absencesKeyOf, fileKeyOf, fileNameOf, type HourPlace, manifestKeyOf } from './layout.ts'
import {
  type Absences,
  type FileEntry,
  formatAbsences,
  formatManifest,
  noAbsences,
  parseAbsences,
  parseManifest,
} from './manifest.ts'
import type { ParquetCodec } from './parquet.ts'
import { doOverlap, mergeByPartition, type OffsetRange } from './ranges.ts'
import type { ArchiveStore } from './store.ts'

/** The records of one file to be. */
export interface FileDraft extends HourPlace, OffsetRange {
  readonly partition: number
  readonly records: readonly LogRecord[]
}

/** Another writer has archived some of the same offsets, cut elsewhere: look again and go on from there. */
export const overtaken = 'overtaken'

/** Whoever finds an object changed tries again; each time somebody has succeeded. */
const attempts = 100

export const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Tells records apart by all that a log holds of them. */
export function fingerprintRecord(record: LogRecord): string {
  const hash = createHash('sha256').update(`${record.appendedAtMs} ${record.origin}`)
  for (const bytes of [keyOf(record), valueOf(record)]) {
    hash.update(bytes === null ? 'null' : `${bytes.length}:`)
    if (bytes !== null) hash.update(bytes)
  }
  return hash.digest('hex').slice(0, 32)
}

const isSame = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

/**
 * Puts a data file in its place. One that is there already is kept when it holds the same records: another archiver, or
 * an earlier run, may have listed it, or be about to.
 *
 * @returns its entry for the manifest, or `overtaken` when another writer keeps putting something else there
 */
export async function placeFile(
  store: ArchiveStore,
  codec: ParquetCodec,
  draft: FileDraft,
): Promise<FileEntry | typeof overtaken> {
  const key = fileKeyOf(draft)
  const bytes = await codec.encode(draft.records)
  if (await store.replace(key, bytes, null)) return describeFile(draft, bytes)
  const there = await store.read(key)
  if (there === null) return overtaken
  if (isSame(there.bytes, bytes) || (await holdsSame(codec, draft, there.bytes))) {
    return describeFile(draft, there.bytes)
  }
  return (await store.replace(key, bytes, there.tag)) ? describeFile(draft, bytes) : overtaken
}

/** Another version of the program may have written other bytes for the same records. */
async function holdsSame(codec: ParquetCodec, draft: FileDraft, bytes: Uint8Array): Promise<boolean> {
  try {
    const records = await codec.decode(fileNameOf(draft), draft.topic, bytes)
    return (
      records.length === draft.records.length &&
      records.every((record, index) => isSameRecord(record, draft.records[index]))
    )
  } catch (error) {
    if (error instanceof Fault && error.code === 'input') return false
    throw error
  }
}

const isSameRecord = (left: LogRecord, right: LogRecord | undefined): boolean =>
  right !== undefined &&
  left.offset === right.offset &&
  left.sequence === right.sequence &&
  left.isProducerTime === right.isProducerTime &&
  fingerprintRecord(left) === fingerprintRecord(right)

function describeFile(draft: FileDraft, bytes: Uint8Array): FileEntry {
  const { partition, fromOffset, untilOffset, records } = draft
  const first = records[0]
  const last = records.at(-1)
  if (first === undefined || last === undefined) throw new Fault('internal', 'an archive file without a record')
  return {
    name: fileNameOf(draft),
    partition,
    fromOffset,
    untilOffset,
    rows: records.length,
    fromSequence: first.sequence,
    untilSequence: last.sequence + 1,
    sizeBytes: bytes.length,
    sha256: hashBytes(bytes),
    lastRecord: fingerprintRecord(last),
  }
}

/**
 * Lists files in their hour's manifest, which makes them count.
 *
 * @param partitions how many the topic has in the log
 * @returns false when another writer has listed some of the same offsets under other names
 */
export async function listInManifest(
  store: ArchiveStore,
  place: HourPlace,
  partitions: number,
  entries: readonly FileEntry[],
): Promise<boolean> {
  const key = manifestKeyOf(place)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await store.read(key)
    const before = found === null ? { partitions, files: [] } : parseManifest(key, found.bytes)
    const added = entries.filter(({ name }) => before.files.every((entry) => entry.name !== name))
    const isOverlapping = added.some((entry) =>
      before.files.some((other) => other.partition === entry.partition && doOverlap(other, entry)),
    )
    if (isOverlapping) return false
    if (added.length === 0) return true
    const next = { partitions: Math.max(partitions, before.partitions), files: [...before.files, ...added] }
    if (await store.replace(key, formatManifest(place, next), found?.tag ?? null)) return true
  }
  throw new Fault('timeout', `${key} changed every time it was to be written`, {
    retry: true,
    hint: 'let one archiver at a time work on this archive',
  })
}

/** Notes offsets that no file holds. */
export async function noteAbsences(store: ArchiveStore, topic: Topic, add: Partial<Absences>): Promise<void> {
  const key = absencesKeyOf(topic)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await store.read(key)
    const before = found === null ? noAbsences : parseAbsences(key, found.bytes)
    const next = {
      dropped: mergeByPartition([...before.dropped, ...(add.dropped ?? [])]),
      lost: mergeByPartition([...before.lost, ...(add.lost ?? [])]),
    }
    if (await store.replace(key, formatAbsences(topic, next), found?.tag ?? null)) return
  }
  throw new Fault('timeout', `${key} changed every time it was to be written`, { retry: true })
}
