import { makeVisible } from '../../../core/protocol/visible-text.ts'
import { indentJson } from './indent-json.ts'

/** Bytes of a record, and how they are read by a person. */

/** Bytes from base64. */
export function decodeBytes(base64: string): Uint8Array {
  const binary = atob(base64)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

const bytesPerLine = 16

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')

/** Lines of a hex dump: offset, sixteen bytes, and what of them is printable. */
export function dumpHex(bytes: Uint8Array, most = 4_096): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, most); at += bytesPerLine) {
    const part = [...bytes.subarray(at, at + bytesPerLine)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    lines.push(
      `${at.toString(16).padStart(6, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${part.map(printable).join('')}`,
    )
  }
  return lines
}

/** A line of the text, and whether it holds the field that failed. */
export interface TextLine {
  readonly text: string
  readonly isFailing: boolean
}

const byteOrderMark = '\ufeff'
/** More lines than this nobody reads, and no page draws quickly. */
const mostLines = 2_000

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // Which may be the very reason why it is here: shown as it came.
    return false
  }
}

/** The first lines, with nothing in them that is acted upon or not seen. */
function limitLines(lines: readonly TextLine[]): readonly TextLine[] {
  const shown = lines.slice(0, mostLines).map((line) => ({ ...line, text: makeVisible(line.text) }))
  return lines.length > mostLines ? [...shown, { text: '…', isFailing: false }] : shown
}

/**
 * The text of a record: JSON indented, with the lines of the field that failed marked; anything else as it came. What is
 * acted upon or not seen is spelt out; at most 2,000 lines, the last of them an ellipsis where there are more.
 *
 * @param path JSON pointer of the field, '' for the whole record
 */
export function readTextLines(bytes: Uint8Array, path: string): readonly TextLine[] {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const start = text.startsWith(byteOrderMark) ? 1 : 0
  const body = text.slice(start)
  if (!isJson(body)) return limitLines(text.split(/\r?\n/).map((line) => ({ text: line, isFailing: false })))
  const [first = { text: '', isFailing: false }, ...rest] = indentJson(body, path, mostLines + 1)
  return limitLines([{ ...first, text: text.slice(0, start) + first.text }, ...rest])
}
