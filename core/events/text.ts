import type { RejectionReason } from './decoded.ts'

/** Largest value that is looked at, bytes. */
export const maxValueBytes = 1_048_576

/** Confluent's framing: a zero byte and a four-byte schema id before the payload. JSON never begins with that byte. */
const frameBytes = 5

/** A value as text. `framed`: a schema frame came before it, so that text which is no JSON is of a schema unread. */
export interface ValueText {
  readonly text: string
  readonly framed: boolean
}

const byteOrderMark = '\ufeff'
/** What stands in a text for bytes that are no UTF-8; a text may also have it by itself. */
const replacement = '\ufffd'

/** Whether `text` is these bytes in UTF-8, so that nothing was replaced. A fatal decoder would throw, which is slow. */
const isExactly = (text: string, source: Buffer, start: number, end: number): boolean =>
  Buffer.from(text).equals(source.subarray(start, end))

/**
 * Reads the bytes [start, end) of `source` as text. The five bytes of a schema frame are no text and are left out
 * before the text is checked. One byte order mark is stripped.
 */
export function readText(source: Buffer, start: number, end: number): ValueText | RejectionReason {
  if (end - start > maxValueBytes) return 'too_large'
  const framed = end > start && source[start] === 0
  const textStart = framed ? Math.min(start + frameBytes, end) : start
  const text = source.toString('utf8', textStart, end)
  if (text.includes(replacement) && !isExactly(text, source, textStart, end)) return 'not_utf8'
  return { text: text.startsWith(byteOrderMark) ? text.slice(1) : text, framed }
}
