import type { Type, types } from 'avsc'

/**
 * Whether bytes can be read as a type at all, found out without making anything of them.
 *
 * avsc believes a list that says it holds a billion items: a record of ten bytes would keep it busy for minutes and fill
 * the memory before it notices that the bytes have ended. Here a length is held against what is left, and the values are
 * counted: each takes at least two bytes as JSON, so that more than {@link mostValues} could not be an event anyway.
 */

const mostValues = 1_048_576

interface Cursor {
  readonly bytes: Uint8Array
  at: number
  /** Fields and items so far. */
  values: number
}

/** Goes over one value; false where it does not fit. */
type Skip = (cursor: Cursor) => boolean

/** The classes that tell types apart. */
type AvscTypes = typeof types

const longestVarint = 10

/** A zigzag varint as a number, rounded beyond 2⁵³; NaN where the bytes end. */
function readLong(cursor: Cursor): number {
  let value = 0
  let unit = 1
  for (let length = 0; length < longestVarint; length += 1) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) return Number.NaN
    cursor.at += 1
    value += (byte & 0x7f) * unit
    unit *= 128
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  return Number.NaN
}

const skipLong: Skip = (cursor) => !Number.isNaN(readLong(cursor))

function skipBytes(cursor: Cursor, length: number): boolean {
  // NaN is not within.
  if (!(length >= 0 && length <= cursor.bytes.length - cursor.at)) return false
  cursor.at += length
  return true
}

const skipText: Skip = (cursor) => skipBytes(cursor, readLong(cursor))

function skipCounted(cursor: Cursor, skip: Skip): boolean {
  cursor.values += 1
  return cursor.values <= mostValues && skip(cursor)
}

/** Blocks of items: a count, where it is negative also a size, and a last block of none. */
function skipBlocks(cursor: Cursor, skip: Skip): boolean {
  for (;;) {
    let count = readLong(cursor)
    if (count === 0) return true
    if (count < 0) {
      count = -count
      if (!skipLong(cursor)) return false
    }
    if (!(count <= mostValues)) return false
    for (let left = count; left > 0; left -= 1) if (!skipCounted(cursor, skip)) return false
  }
}

const fixedSizes: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 }

function createSkip(type: Type, known: AvscTypes, skipOf: (type: Type) => Skip): Skip {
  if (type instanceof known.LogicalType) return skipOf(type.underlyingType)
  if (type instanceof known.RecordType) {
    const fields = type.fields.map((field) => skipOf(field.type))
    return (cursor) => fields.every((skip) => skipCounted(cursor, skip))
  }
  if (type instanceof known.ArrayType) {
    const items = skipOf(type.itemsType)
    return (cursor) => skipBlocks(cursor, items)
  }
  if (type instanceof known.MapType) {
    const values = skipOf(type.valuesType)
    return (cursor) => skipBlocks(cursor, (inner) => skipText(inner) && values(inner))
  }
  if (type instanceof known.UnwrappedUnionType || type instanceof known.WrappedUnionType) {
    const branches = type.types.map(skipOf)
    return (cursor) => branches[readLong(cursor)]?.(cursor) ?? false
  }
  if (type instanceof known.FixedType) return (cursor) => skipBytes(cursor, type.size)
  const size = fixedSizes[type.typeName]
  if (size !== undefined) return (cursor) => skipBytes(cursor, size)
  return type.typeName === 'string' || type.typeName === 'bytes' ? skipText : skipLong
}

/** Creates the check that bytes are a whole value of `type`, of no more values than an event may have. */
export function createBoundsCheck(type: Type, known: AvscTypes): (payload: Uint8Array) => boolean {
  const skips = new Map<Type, Skip>()
  // A type may hold itself: its skip is looked up when it is needed.
  const skipOf = (one: Type): Skip => {
    if (!skips.has(one)) {
      skips.set(one, (cursor) => skips.get(one)?.(cursor) ?? false)
      skips.set(one, createSkip(one, known, skipOf))
    }
    return (cursor) => skips.get(one)?.(cursor) ?? false
  }
  const skip = skipOf(type)
  return (bytes) => {
    const cursor: Cursor = { bytes, at: 0, values: 0 }
    return skip(cursor) && cursor.at === bytes.length
  }
}
