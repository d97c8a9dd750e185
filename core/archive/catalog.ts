import { Fault } from '../base/fault.ts'
import type { Topic } from '../events/topics.ts'
import {
  archivedTopics,
  type FilePlace,
  type HourPlace,
  parseAbsencesKey,
  parseFileKey,
  parseManifestKey,
} from './layout.ts'
import { type Absences, type FileEntry, type Manifest, noAbsences, parseAbsences, parseManifest } from './manifest.ts'
import { findRangeOf, mergeRanges, type OffsetRange } from './ranges.ts'
import type { ArchiveStore, ReadObject, StoredObject } from './store.ts'

/** A data file that counts. */
export interface ArchivedFile extends FileEntry, HourPlace {}

export interface CatalogHour extends HourPlace {
  readonly key: string
  readonly manifest: Manifest
  readonly tag: string
}

/** Everything the manifests said at one moment. */
export interface Catalog {
  readonly objects: readonly StoredObject[]
  /** Oldest first, topics in their usual order. */
  readonly hours: readonly CatalogHour[]
  /** The files listed and not dropped; by topic and partition, then offset. */
  readonly files: readonly ArchivedFile[]
  /** Data files that no manifest lists. */
  readonly unlisted: readonly (StoredObject & FilePlace)[]
  /** Manifests that cannot be read. */
  readonly broken: readonly Fault[]
  absencesOf(topic: Topic): { readonly absences: Absences; readonly tag: string | null }
  /** What of a partition is in a file, dropped or noted as lost. */
  coverageOf(topic: Topic, partition: number): readonly OffsetRange[]
}

export interface CatalogLoader {
  load(): Promise<Catalog>
}

/** Manifests read at the same time: an object store answers each after some milliseconds. */
const concurrency = 8

const isInside = (ranges: readonly OffsetRange[], range: OffsetRange): boolean =>
  (findRangeOf(ranges, range.fromOffset)?.untilOffset ?? -1) >= range.untilOffset

/** Creates a loader that reads again only what has changed. */
export function createCatalogLoader(store: ArchiveStore): CatalogLoader {
  let known = new Map<string, ReadObject>()

  /** The objects as they are now: one may have changed since it was listed, or be gone. */
  const readAll = async (listed: readonly StoredObject[]): Promise<ReadonlyMap<string, ReadObject>> => {
    const found = new Map<string, ReadObject>()
    const pending = [...listed]
    const readOn = async (): Promise<void> => {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        const before = known.get(next.key)
        const object = before?.tag === next.tag ? before : await store.read(next.key)
        if (object !== null) found.set(next.key, object)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, readOn))
    known = found
    return found
  }

  return {
    async load() {
      const objects = await store.list()
      const small = objects.filter(({ key }) => parseManifestKey(key) !== null || parseAbsencesKey(key) !== null)
      return describeCatalog(objects, await readAll(small))
    },
  }
}

function describeCatalog(objects: readonly StoredObject[], read: ReadonlyMap<string, ReadObject>): Catalog {
  const broken: Fault[] = []
  const attempt = <Result>(work: () => Result): Result | null => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      broken.push(error)
      return null
    }
  }
  const hours: CatalogHour[] = []
  const absences = new Map<Topic, { readonly absences: Absences; readonly tag: string }>()
  for (const [key, { bytes, tag }] of read) {
    const place = parseManifestKey(key)
    const topic = parseAbsencesKey(key)
    const manifest = place && attempt(() => parseManifest(key, bytes))
    if (manifest) hours.push({ ...place, key, manifest, tag })
    const parsed = topic && attempt(() => parseAbsences(key, bytes))
    if (topic && parsed) absences.set(topic, { absences: parsed, tag })
  }
  const absencesOf: Catalog['absencesOf'] = (topic) => absences.get(topic) ?? { absences: noAbsences, tag: null }
  const files = listFiles(hours, absencesOf)
  const names = new Set(hours.flatMap((hour) => hour.manifest.files.map(({ name }) => `${hour.key}/${name}`)))
  const rank = (topic: Topic): number => archivedTopics.indexOf(topic)
  return {
    objects,
    hours: [...hours].sort((left, right) => left.startMs - right.startMs || rank(left.topic) - rank(right.topic)),
    files,
    unlisted: objects.flatMap((object) => {
      const place = parseFileKey(object.key)
      const name = object.key.replace(/([^/]+)$/, 'manifest.json/$1')
      return place === null || names.has(name) ? [] : [{ ...object, ...place }]
    }),
    broken,
    absencesOf,
    coverageOf: createCoverage(files, absencesOf),
  }
}

function listFiles(hours: readonly CatalogHour[], absencesOf: Catalog['absencesOf']): readonly ArchivedFile[] {
  return hours
    .flatMap(({ topic, startMs, manifest }) => {
      const { dropped } = absencesOf(topic).absences
      return manifest.files
        .filter((entry) => !isInside(mergeRanges(dropped.filter((one) => one.partition === entry.partition)), entry))
        .map((entry) => ({ ...entry, topic, startMs }))
    })
    .sort(
      (left, right) =>
        archivedTopics.indexOf(left.topic) - archivedTopics.indexOf(right.topic) ||
        left.partition - right.partition ||
        left.fromOffset - right.fromOffset,
    )
}

function createCoverage(files: readonly ArchivedFile[], absencesOf: Catalog['absencesOf']): Catalog['coverageOf'] {
  const ranges = new Map<string, OffsetRange[]>()
  const add = (topic: Topic, range: OffsetRange & { readonly partition: number }): void => {
    const place = `${topic}/${range.partition}`
    const { fromOffset, untilOffset } = range
    const list = ranges.get(place) ?? []
    list.push({ fromOffset, untilOffset })
    ranges.set(place, list)
  }
  for (const file of files) add(file.topic, file)
  for (const topic of archivedTopics) {
    const { dropped, lost } = absencesOf(topic).absences
    for (const range of [...dropped, ...lost]) add(topic, range)
  }
  return (topic, partition) => mergeRanges(ranges.get(`${topic}/${partition}`) ?? [])
}

/** @throws Fault `input` when a manifest cannot be read: what it lists would be archived twice, or lost */
export function refuseBroken(catalog: Catalog): void {
  const [first] = catalog.broken
  if (first !== undefined) throw first
}
