const encoder = new TextEncoder()

/** From this length on a call into native code costs less than a loop over the units. */
const nativeLength = 24

/** Stands in for a lone surrogate: `?` is what Java's encoder (and so Spark) writes. */
const questionMark = 0x3f

/**
 * Writes `text` as UTF-8 to the start of `into` and returns how many bytes that took.
 *
 * Unlike the platform's encoder it costs a short id no call into native code, and it lets the caller choose what becomes
 * of a lone surrogate: `replaced` by `?` as in Java, or `kept` as its three-byte form (WTF-8), so that different strings
 * always have different bytes.
 *
 * @param into at least three bytes per UTF-16 unit of `text`
 */
export function writeUtf8(text: string, into: Uint8Array, loneSurrogates: 'replaced' | 'kept'): number {
  const length = text.length
  if (length >= nativeLength && encoder.encodeInto(text, into).written === length) return length
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) return writeRest(text, index, into, loneSurrogates)
    into[index] = unit
  }
  return length
}

/** Goes on from the first unit that is not ASCII; everything before it took one byte each. */
function writeRest(text: string, from: number, into: Uint8Array, loneSurrogates: 'replaced' | 'kept'): number {
  let end = from
  for (let index = from; index < text.length; index += 1) {
    let point = text.charCodeAt(index)
    if (point >= 0xd800 && point <= 0xdfff) {
      const next = index + 1 < text.length ? text.charCodeAt(index + 1) : 0
      if (point <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (next - 0xdc00)
        index += 1
      } else if (loneSurrogates === 'replaced') {
        point = questionMark
      }
    }
    end = writeCodePoint(point, into, end)
  }
  return end
}

function writeCodePoint(point: number, into: Uint8Array, at: number): number {
  if (point < 0x80) {
    into[at] = point
    return at + 1
  }
  if (point < 0x800) {
    into[at] = 0xc0 | (point >>> 6)
    into[at + 1] = 0x80 | (point & 0x3f)
    return at + 2
  }
  if (point < 0x10000) {
    into[at] = 0xe0 | (point >>> 12)
    into[at + 1] = 0x80 | ((point >>> 6) & 0x3f)
    into[at + 2] = 0x80 | (point & 0x3f)
    return at + 3
  }
  into[at] = 0xf0 | (point >>> 18)
  into[at + 1] = 0x80 | ((point >>> 12) & 0x3f)
  into[at + 2] = 0x80 | ((point >>> 6) & 0x3f)
  into[at + 3] = 0x80 | (point & 0x3f)
  return at + 4
}
