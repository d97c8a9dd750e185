import { eventTopics, readmissionTopic, type Topic } from '../events/topics.ts'
import type { OffsetRange } from './ranges.ts'

export const hourMs = 3_600_000

/** All topics an archive may hold. */
export const archivedTopics: readonly Topic[] = [...eventTopics, readmissionTopic]

/** One topic's hour. */
export interface HourPlace {
  readonly topic: Topic
  /** Start of the hour, milliseconds UTC. */
  readonly startMs: number
}

export interface FilePlace extends HourPlace, OffsetRange {
  readonly partition: number
}

/** The hour of an append time; records without one (-1) lie in the first hour of 1970. */
export const hourOf = (appendedAtMs: number): number => Math.floor(Math.max(0, appendedAtMs) / hourMs) * hourMs

/** The folder of one hour, without a slash at its end. */
export function folderOf({ topic, startMs }: HourPlace): string {
  const iso = new Date(startMs).toISOString()
  return `topic=${topic}/date=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`
}

export const manifestKeyOf = (place: HourPlace): string => `${folderOf(place)}/manifest.json`

export const fileNameOf = (range: OffsetRange & { readonly partition: number }): string =>
  `${range.partition}-${range.fromOffset}-${range.untilOffset}.parquet`

export const fileKeyOf = (place: FilePlace): string => `${folderOf(place)}/${fileNameOf(place)}`

/** Where a topic notes the offsets that no file holds. */
export const absencesKeyOf = (topic: Topic): string => `topic=${topic}/absent.json`

const findTopic = (name: string | undefined): Topic | null => archivedTopics.find((topic) => topic === name) ?? null

function parseHour(key: string): { readonly place: HourPlace; readonly name: string } | null {
  const found = /^topic=([^/]+)\/date=(\d{4,6}-\d\d-\d\d)\/hour=(\d\d)\/([^/]+)$/.exec(key)
  const topic = findTopic(found?.[1])
  const startMs = Date.parse(`${found?.[2]}T${found?.[3]}:00:00.000Z`)
  if (!found || topic === null || Number.isNaN(startMs)) return null
  return { place: { topic, startMs }, name: found[4] ?? '' }
}

/** The hour whose manifest the key names, or null. */
export function parseManifestKey(key: string): HourPlace | null {
  const parsed = parseHour(key)
  return parsed?.name === 'manifest.json' ? parsed.place : null
}

/** What a data file's key says of it, or null for another key. */
export function parseFileKey(key: string): FilePlace | null {
  const parsed = parseHour(key)
  const found = parsed && /^(\d+)-(\d+)-(\d+)\.parquet$/.exec(parsed.name)
  if (!found) return null
  const [partition = 0, fromOffset = 0, untilOffset = 0] = found.slice(1).map(Number)
  return { ...parsed.place, partition, fromOffset, untilOffset }
}

/** The topic whose absences the key names, or null. */
export const parseAbsencesKey = (key: string): Topic | null => findTopic(/^topic=([^/]+)\/absent\.json$/.exec(key)?.[1])
