import type { RejectionReason } from './decoded.ts'

/** Largest value that is looked at, bytes. */
export const maxValueBytes = 1_048_576

/** Confluent's framing: a zero byte and a four-byte schema id before the payload. JSON never begins with that byte. */
const frameBytes = 5

// Strips one byte order mark, no more.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** A value as text. `framed`: a schema frame came before it, so that text which is no JSON is of a schema unread. */
export interface ValueText {
  readonly text: string
  readonly framed: boolean
}

/**
 * Reads the bytes [start, end) of `source` as text. The five bytes of a schema frame are no text and are left out
 * before the text is checked.
 */
export function readText(source: Buffer, start: number, end: number): ValueText | RejectionReason {
  if (end - start > maxValueBytes) return 'too_large'
  const framed = end > start && source[start] === 0
  try {
    return { text: utf8.decode(source.subarray(framed ? Math.min(start + frameBytes, end) : start, end)), framed }
  } catch {
    return 'not_utf8'
  }
}
