/**
 * A key as JSON writes it, `"store_id":`, in a form that is compared with two or three loads instead of a loop: its
 * first, last and, if it is long, middle eight bytes as float64, or its first and last four as int32 where it is shorter
 * than eight. The stretches may overlap. Equal floats are equal bytes here: an ASCII text of eight bytes is never NaN,
 * nor a zero.
 */
export interface Key {
  /** Bytes, quotes and colon included: 4 to 24. */
  readonly length: number
  readonly head: number
  readonly middle: number
  readonly tail: number
}

/** @param name ASCII without escapes, 1 to 21 characters */
export function createKey(name: string): Key {
  const bytes = new Uint8Array(Buffer.from(`"${name}":`, 'latin1'))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { length } = bytes
  if (length < 8) return { length, head: view.getInt32(0, true), middle: 0, tail: view.getInt32(length - 4, true) }
  return {
    length,
    head: view.getFloat64(0, true),
    middle: length > 16 ? view.getFloat64(8, true) : 0,
    tail: view.getFloat64(length - 8, true),
  }
}

/** Whether `key` stands at `at`. */
export function hasKeyAt(view: DataView, at: number, key: Key): boolean {
  const { length } = key
  const end = at + length
  if (end > view.byteLength) return false
  // The end first: names differ more there than in how they begin.
  if (length < 8) return view.getInt32(end - 4, true) === key.tail && view.getInt32(at, true) === key.head
  if (view.getFloat64(end - 8, true) !== key.tail || view.getFloat64(at, true) !== key.head) return false
  return length <= 16 || view.getFloat64(at + 8, true) === key.middle
}
