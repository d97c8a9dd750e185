import { Fault } from '../base/fault.ts'
import type { ArchivableLog, ArchiveReport, ArchiveRequest, PartitionStretch } from './archive.ts'
import { type ArchivedFile, type Catalog, refuseBroken } from './catalog.ts'
import { createCollector } from './collect.ts'
import {
  type FileDraft,
  fingerprintRecord,
  listInManifest,
  noteAbsences,
  overtaken,
  placeFile,
} from './commit-files.ts'
import { archivedTopics, fileKeyOf, folderOf, type HourPlace, hourOf } from './layout.ts'
import type { FileEntry } from './manifest.ts'
import type { ParquetCodec } from './parquet.ts'
import { doOverlap } from './ranges.ts'
import type { ArchiveStore } from './store.ts'

const chunkRecords = 5_000
const chunkBytes = 4 * 1024 * 1024
/** Files listed with one writing of their manifest; those behind the last one are made anew after a kill. */
const filesTogether = 64

/**
 * Archives once over. The order of its writes: a data file, then the manifest that lists it; lost offsets are noted at
 * the end.
 *
 * @returns null when another archiver was faster: what is listed by now is to be read again
 */
export async function runArchiver(
  store: ArchiveStore,
  codec: ParquetCodec,
  catalog: Catalog,
  log: ArchivableLog,
  request: ArchiveRequest,
): Promise<ArchiveReport | null> {
  refuseBroken(catalog)
  await refuseOtherLog(catalog, log)
  await removeLeftovers(store, catalog)
  const collector = createCollector(log, catalog)
  const writer = createFileWriter(store, codec, log, request)
  const reader = log.openReader(collector.from)
  try {
    reading: for (;;) {
      refuseCancelled(request)
      const records = await reader.read(chunkRecords, chunkBytes)
      if (records.length === 0) break
      for (const record of records) {
        const isOpen = !request.includesOpenHour && hourOf(record.appendedAtMs) === hourOf(request.nowMs)
        // All partitions end at the same place in the order, so that what is archived has no hole in it.
        if (isOpen || collector.isBeyond(record)) break reading
        if (!(await writer.write(collector.add(record)))) return null
      }
    }
    if (!(await writer.write(collector.finish())) || !(await writer.flush())) return null
    await noteLost(store, collector.lost)
    return { ...writer.report(), lost: collector.lost }
  } finally {
    await reader.close()
  }
}

function refuseCancelled({ signal }: ArchiveRequest): void {
  if (!signal?.aborted) return
  throw new Fault('cancelled', 'archiving was cancelled', { domain: 'user', hint: 'run it again to go on' })
}

function createFileWriter(store: ArchiveStore, codec: ParquetCodec, log: ArchivableLog, request: ArchiveRequest) {
  const { partitions } = log.describe()
  let pending: { readonly place: HourPlace; readonly entry: FileEntry }[] = []
  let files = 0
  let records = 0
  let sizeBytes = 0

  const flush = async (): Promise<boolean> => {
    const folders = [...new Set(pending.map(({ place }) => folderOf(place)))]
    for (const folder of folders) {
      const group = pending.filter(({ place }) => folderOf(place) === folder)
      const [first] = group
      if (first === undefined) continue
      const count = partitions.filter(({ topic }) => topic === first.place.topic).length
      const entries = group.map(({ entry }) => entry)
      if (!(await listInManifest(store, first.place, count, entries))) return false
    }
    pending = []
    return true
  }
  const writeOne = async (draft: FileDraft): Promise<boolean> => {
    refuseCancelled(request)
    const entry = await placeFile(store, codec, draft)
    if (entry === overtaken) return false
    const { topic, startMs } = draft
    pending.push({ place: { topic, startMs }, entry })
    files += 1
    records += entry.rows
    sizeBytes += entry.sizeBytes
    request.onProgress?.({ records, files })
    return pending.length < filesTogether || (await flush())
  }

  return {
    /** Whether it could; false when another archiver was faster. */
    async write(drafts: readonly FileDraft[]): Promise<boolean> {
      for (const draft of drafts) if (!(await writeOne(draft))) return false
      return true
    },
    flush,
    report: () => ({ files, records, sizeBytes }),
  }
}

async function noteLost(store: ArchiveStore, lost: readonly PartitionStretch[]): Promise<void> {
  for (const topic of archivedTopics) {
    const ranges = lost.filter((stretch) => stretch.topic === topic)
    if (ranges.length > 0) await noteAbsences(store, topic, { lost: ranges })
  }
}

/** The newest file of each partition. */
function findNewest(files: readonly ArchivedFile[]): readonly ArchivedFile[] {
  const newest = new Map<string, ArchivedFile>()
  for (const file of files) newest.set(`${file.topic}/${file.partition}`, file)
  return [...newest.values()]
}

/** An archive goes on with the log it was begun with; another one has other records at the same offsets. */
async function refuseOtherLog(catalog: Catalog, log: ArchivableLog): Promise<void> {
  const { partitions } = log.describe()
  for (const file of findNewest(catalog.files)) {
    const { topic, partition, untilOffset } = file
    const held = partitions.find((one) => one.topic === topic && one.partition === partition)
    const last = untilOffset - 1
    const place = `${topic}/${partition}`
    if (held === undefined || held.endOffset < untilOffset) {
      throw new Fault('refused', `the archive holds ${place} up to offset ${last}, the log does not`, {
        domain: 'user',
        hint: 'this log was begun anew: restore it from the archive first, or archive to another place',
      })
    }
    const record = await log.readAt({ topic, partition, offset: last })
    if (record === null || fingerprintRecord(record) === file.lastRecord) continue
    throw new Fault('refused', `the archive holds another record at ${place}/${last} than the log`, {
      domain: 'user',
      hint: 'it is the archive of another log: archive to another place',
    })
  }
}

/**
 * Removes files that can never be listed: what covers their offsets is listed, or dropped. Files of other archivers on
 * their way are left alone.
 */
async function removeLeftovers(store: ArchiveStore, catalog: Catalog): Promise<void> {
  await store.tidy()
  for (const file of catalog.unlisted) {
    const isCovered = catalog.coverageOf(file.topic, file.partition).some((range) => doOverlap(range, file))
    if (isCovered) await store.remove(fileKeyOf(file))
  }
}
