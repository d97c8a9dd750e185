import { readmissionTopic } from '../events/topics.ts'
import type { ArchiveBounds, RetainReport } from './archive.ts'
import { type ArchivedFile, type Catalog, refuseBroken } from './catalog.ts'
import { noteAbsences } from './commit-files.ts'
import { fileKeyOf, hourMs, manifestKeyOf } from './layout.ts'
import type { ArchiveStore } from './store.ts'

interface DoomedHour {
  readonly startMs: number
  readonly files: readonly ArchivedFile[]
  readonly sizeBytes: number
}

/** Whole hours, of all topics together, oldest first. */
function chooseHours(catalog: Catalog, bounds: ArchiveBounds, nowMs: number): readonly DoomedHour[] {
  const files = catalog.files.filter(({ topic }) => topic !== readmissionTopic)
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let excessBytes = bounds.bytes > 0 ? total - bounds.bytes : 0
  const oldestKeptMs = bounds.ageMs > 0 ? nowMs - bounds.ageMs : Number.NEGATIVE_INFINITY
  const starts = [...new Set(files.map(({ startMs }) => startMs))].sort((left, right) => left - right)
  const doomed: DoomedHour[] = []
  for (const startMs of starts) {
    if (startMs + hourMs > oldestKeptMs && excessBytes <= 0) break
    const inHour = files.filter((file) => file.startMs === startMs)
    const sizeBytes = inHour.reduce((sum, file) => sum + file.sizeBytes, 0)
    excessBytes -= sizeBytes
    doomed.push({ startMs, files: inHour, sizeBytes })
  }
  return doomed
}

/**
 * Notes the offsets as dropped, which is when they no longer count; then removes the manifests and the files. What a
 * kill leaves of the removing is removed by the next call.
 */
export async function dropHours(
  store: ArchiveStore,
  catalog: Catalog,
  bounds: ArchiveBounds,
  nowMs: number,
): Promise<RetainReport> {
  refuseBroken(catalog)
  const doomed = chooseHours(catalog, bounds, nowMs)
  for (const { files } of doomed) {
    for (const topic of new Set(files.map((file) => file.topic))) {
      const dropped = files
        .filter((file) => file.topic === topic)
        .map(({ partition, fromOffset, untilOffset }) => ({ partition, fromOffset, untilOffset }))
      await noteAbsences(store, topic, { dropped })
    }
  }
  await removeDropped(
    store,
    catalog,
    doomed.flatMap(({ files }) => files),
  )
  return {
    hours: doomed.length,
    files: doomed.reduce((sum, { files }) => sum + files.length, 0),
    sizeBytes: doomed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }
}

/** An hour's files of a topic are dropped together, so a manifest goes when none of its files counts. */
async function removeDropped(store: ArchiveStore, catalog: Catalog, doomed: readonly ArchivedFile[]): Promise<void> {
  const dropped = new Set(doomed.map(fileKeyOf))
  const counting = new Set(catalog.files.map(fileKeyOf).filter((key) => !dropped.has(key)))
  for (const hour of catalog.hours) {
    const keys = hour.manifest.files.map((entry) => fileKeyOf({ ...hour, ...entry }))
    if (keys.some((key) => counting.has(key))) continue
    await store.remove(manifestKeyOf(hour))
    for (const key of keys) await store.remove(key)
  }
}
