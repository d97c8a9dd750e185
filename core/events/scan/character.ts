/** The position after an escape whose backslash is at `at`, or -1. */
function skipEscape(bytes: Uint8Array, at: number): number {
  const kind = String.fromCharCode(bytes[at + 1] ?? 0)
  if (kind !== 'u') return '"\\/bfnrt'.includes(kind) ? at + 2 : -1
  for (let index = 2; index < 6; index += 1) {
    if (!/[\da-fA-F]/.test(String.fromCharCode(bytes[at + index] ?? 0))) return -1
  }
  return at + 6
}

/**
 * Lowest and highest second byte after a first one: no overlong forms, no surrogates, nothing past U+10FFFF (Unicode
 * standard, table 3-7, "Well-formed UTF-8 byte sequences"). All bytes after the second are 0x80…0xbf.
 */
function secondBytes(first: number): readonly [lowest: number, highest: number] {
  if (first === 0xe0) return [0xa0, 0xbf]
  if (first === 0xed) return [0x80, 0x9f]
  if (first === 0xf0) return [0x90, 0xbf]
  if (first === 0xf4) return [0x80, 0x8f]
  return [0x80, 0xbf]
}

/** How many bytes a character has by its first one, or 0 where none begins so. */
function lengthOf(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2
  if (first >= 0xe0 && first <= 0xef) return 3
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0
}

/**
 * One character of a JSON string that is more than a plain byte, at `at`: an escape, or a character of two to four
 * bytes in UTF-8. The position after it, or -1 where it is neither.
 */
export function skipCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first === 0x5c) return skipEscape(bytes, at)
  const length = lengthOf(first)
  if (length === 0) return -1
  const [lowest, highest] = secondBytes(first)
  const second = bytes[at + 1] ?? 0
  if (second < lowest || second > highest) return -1
  for (let index = 2; index < length; index += 1) {
    const byte = bytes[at + index] ?? 0
    if (byte < 0x80 || byte > 0xbf) return -1
  }
  return at + length
}
