import { Fault } from '../base/fault.ts'
import type { PartitionStretch } from './archive.ts'
import { fileNameOf, type HourPlace } from './layout.ts'
import type { OffsetRange } from './ranges.ts'

const format = 1

/** A data file as its hour's manifest lists it. */
export interface FileEntry extends OffsetRange {
  readonly name: string
  readonly partition: number
  readonly rows: number
  /** Sequences of the first and of the record after the last. */
  readonly fromSequence: number
  readonly untilSequence: number
  readonly sizeBytes: number
  /** Of the whole file, hexadecimal. */
  readonly sha256: string
  /** Fingerprint of the last record, by which the log it came from is known again. */
  readonly lastRecord: string
}

/** What one topic's hour holds. */
export interface Manifest {
  /** Partitions the topic had in the log. */
  readonly partitions: number
  /** By partition, then offset. */
  readonly files: readonly FileEntry[]
}

/** Offsets no file holds, by topic. */
export interface Absences {
  /** Archived once, and dropped by retention. */
  readonly dropped: readonly (OffsetRange & { readonly partition: number })[]
  /** Gone from the log before they were archived. */
  readonly lost: readonly (OffsetRange & { readonly partition: number })[]
}

export const noAbsences: Absences = { dropped: [], lost: [] }

const encode = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 1)}\n`)

/** Writes a manifest; the same content gives the same bytes. */
export function formatManifest(place: HourPlace, manifest: Manifest): Uint8Array {
  const files = [...manifest.files].sort(
    (left, right) => left.partition - right.partition || left.fromOffset - right.fromOffset,
  )
  const hour = new Date(place.startMs).toISOString()
  return encode({ format, topic: place.topic, hour, partitions: manifest.partitions, files })
}

export const formatAbsences = (topic: string, absences: Absences): Uint8Array =>
  encode({ format, topic, dropped: absences.dropped, lost: absences.lost })

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function refuse(key: string): Fault {
  return new Fault('input', `${key} cannot be read as a manifest of this program`, {
    hint: 'bring it back from a copy; if you delete it, what the log still holds is archived again',
  })
}

function parseObject(key: string, bytes: Uint8Array): Fields {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(key)
    throw error
  }
  if (!isObject(value) || value['format'] !== format) throw refuse(key)
  return value
}

function createFieldReader(key: string, fields: Fields) {
  return {
    count(name: string): number {
      const value = fields[name]
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
      throw refuse(key)
    },
    text(name: string): string {
      const value = fields[name]
      if (typeof value === 'string') return value
      throw refuse(key)
    },
    list(name: string): readonly Fields[] {
      const value = fields[name]
      if (!Array.isArray(value) || !value.every(isObject)) throw refuse(key)
      return value
    },
  }
}

function parseRange(key: string, fields: Fields): OffsetRange & { readonly partition: number } {
  const read = createFieldReader(key, fields)
  const range = {
    partition: read.count('partition'),
    fromOffset: read.count('fromOffset'),
    untilOffset: read.count('untilOffset'),
  }
  if (range.untilOffset <= range.fromOffset) throw refuse(key)
  return range
}

function parseEntry(key: string, fields: Fields): FileEntry {
  const read = createFieldReader(key, fields)
  const range = parseRange(key, fields)
  const entry = {
    name: read.text('name'),
    ...range,
    rows: read.count('rows'),
    fromSequence: read.count('fromSequence'),
    untilSequence: read.count('untilSequence'),
    sizeBytes: read.count('sizeBytes'),
    sha256: read.text('sha256'),
    lastRecord: read.text('lastRecord'),
  }
  if (entry.name !== fileNameOf(range) || entry.rows === 0) throw refuse(key)
  return entry
}

/** Reads a manifest. @throws Fault `input` naming the key */
export function parseManifest(key: string, bytes: Uint8Array): Manifest {
  const read = createFieldReader(key, parseObject(key, bytes))
  return { partitions: read.count('partitions'), files: read.list('files').map((fields) => parseEntry(key, fields)) }
}

/** Reads a topic's absences. @throws Fault `input` naming the key */
export function parseAbsences(key: string, bytes: Uint8Array): Absences {
  const read = createFieldReader(key, parseObject(key, bytes))
  const ranges = (name: string) => read.list(name).map((fields) => parseRange(key, fields))
  return { dropped: ranges('dropped'), lost: ranges('lost') }
}

/** The exact words for a stretch of offsets. */
export const describeStretch = ({ topic, partition, fromOffset, untilOffset }: PartitionStretch): string =>
  untilOffset - fromOffset === 1
    ? `${topic}/${partition} offset ${fromOffset}`
    : `${topic}/${partition} offsets ${fromOffset} to ${untilOffset - 1}`
