import { Fault } from '../base/fault.ts'
import { createTurns } from '../duckdb/turns.ts'
import type { LogRecord } from '../events/record.ts'
import { runArchiver } from './append-run.ts'
import type { Archive, ArchivedHour, ArchiveSnapshot } from './archive.ts'
import { type ArchivedFile, type Catalog, createCatalogLoader, refuseBroken } from './catalog.ts'
import { fileKeyOf } from './layout.ts'
import { createMergedReader, type OpenFile } from './merged-reader.ts'
import { createParquetCodec, type ParquetCodec } from './parquet.ts'
import { restoreInto } from './restore.ts'
import { dropHours } from './retain.ts'
import type { ArchiveStore } from './store.ts'
import { compareFile, verifyCatalog } from './verify.ts'

/** How often a run begins again because another archiver has been faster. */
const attempts = 20

/** Opens an archive on a store, which it closes with itself, the codec too. Nothing is touched before it is needed. */
export function openArchive(store: ArchiveStore, codec: ParquetCodec = createParquetCodec()): Archive {
  const loader = createCatalogLoader(store)
  const turns = createTurns()

  const openFile: OpenFile = async (file) => {
    const found = await store.read(fileKeyOf(file))
    const problem = compareFile(file, found?.bytes ?? null)
    if (problem !== null || found === null) {
      throw new Fault('input', problem?.message ?? `${file.name} is missing`, {
        hint: 'storepulse archive verify names everything that is missing or damaged',
      })
    }
    return await codec.decode(fileKeyOf(file), file.topic, found.bytes)
  }
  const archive: Archive['archive'] = async (log, request) => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const report = await runArchiver(store, codec, await loader.load(), log, request)
      if (report !== null) return report
    }
    throw new Fault('timeout', 'other archivers were faster every time', { retry: true })
  }

  return {
    archive: (log, request) => turns.take(() => archive(log, request)),
    async list() {
      const catalog = await loader.load()
      refuseBroken(catalog)
      return listHours(catalog)
    },
    verify: async (request = {}) => await verifyCatalog(store, await loader.load(), request),
    restore: async (into, request = {}) => await restoreInto(await loader.load(), openFile, into, request),
    retain: (bounds, nowMs) => turns.take(async () => await dropHours(store, await loader.load(), bounds, nowMs)),
    async openSnapshot() {
      const catalog = await loader.load()
      refuseBroken(catalog)
      return createSnapshot(catalog.files, openFile)
    },
    async close() {
      await turns.settle()
      await codec.close()
      await store.close()
    },
  }
}

function listHours(catalog: Catalog): readonly ArchivedHour[] {
  const hours = new Map<string, ArchivedHour>()
  for (const { topic, startMs, rows, sizeBytes } of catalog.files) {
    const before = hours.get(`${topic}/${startMs}`) ?? { topic, startMs, files: 0, rows: 0, sizeBytes: 0 }
    hours.set(`${topic}/${startMs}`, {
      topic,
      startMs,
      files: before.files + 1,
      rows: before.rows + rows,
      sizeBytes: before.sizeBytes + sizeBytes,
    })
  }
  return catalog.hours.flatMap(({ topic, startMs }) => hours.get(`${topic}/${startMs}`) ?? [])
}

function createSnapshot(files: readonly ArchivedFile[], openFile: OpenFile): ArchiveSnapshot {
  let last: { readonly file: ArchivedFile; readonly records: readonly LogRecord[] } | null = null
  const partitions = new Map<string, ArchivedFile & { untilOffset: number }>()
  for (const file of files) {
    const place = `${file.topic}/${file.partition}`
    const before = partitions.get(place)
    partitions.set(place, { ...file, fromOffset: before?.fromOffset ?? file.fromOffset })
  }
  return {
    partitions: [...partitions.values()].map(({ topic, partition, fromOffset, untilOffset }) => ({
      topic,
      partition,
      fromOffset,
      untilOffset,
    })),
    startSequence: files.reduce((least, file) => Math.min(least, file.fromSequence), files[0]?.fromSequence ?? 0),
    endSequence: files.reduce((most, file) => Math.max(most, file.untilSequence), 0),
    openReader: (from) => createMergedReader(files, from, openFile),
    async readAt({ topic, partition, offset }) {
      const file = files.find(
        (one) =>
          one.topic === topic && one.partition === partition && one.fromOffset <= offset && offset < one.untilOffset,
      )
      if (file === undefined) return null
      // Those who ask for one record often ask for its neighbours.
      if (last?.file !== file) last = { file, records: await openFile(file) }
      return last.records.find((record) => record.offset === offset) ?? null
    },
  }
}
