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

function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) }
  } catch {
    // Not JSON, which may be the very reason why it is here: shown as it came.
    return null
  }
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

/**
 * The text of a record: JSON indented, with the lines of the field that failed marked; anything else as it came.
 *
 * @param path JSON pointer of the field, '' for the whole record
 */
export function readTextLines(bytes: Uint8Array, path: string): readonly TextLine[] {
  const text = new TextDecoder().decode(bytes)
  const parsed = parseJson(text)
  if (parsed === null) return text.split(/\r?\n/).map((line) => ({ text: line, isFailing: false }))
  const lines: TextLine[] = []
  writeValue(parsed.value, { indent: '', prefix: '', suffix: '', here: '', path: unescapePointer(path) }, lines)
  return lines
}

interface Place {
  readonly indent: string
  readonly prefix: string
  readonly suffix: string
  /** Pointer of this value. */
  readonly here: string
  readonly path: string
}

function writeValue(value: unknown, place: Place, lines: TextLine[]): void {
  const { indent, prefix, suffix, here, path } = place
  const isFailing = path !== '' && (here === path || here.startsWith(`${path}/`))
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (entries.length === 0) {
    lines.push({ text: `${indent}${prefix}${JSON.stringify(value)}${suffix}`, isFailing })
    return
  }
  const isList = Array.isArray(value)
  lines.push({ text: `${indent}${prefix}${isList ? '[' : '{'}`, isFailing })
  entries.forEach(([key, child], index) => {
    writeValue(
      child,
      {
        indent: `${indent}  `,
        prefix: isList ? '' : `${JSON.stringify(key)}: `,
        suffix: index < entries.length - 1 ? ',' : '',
        here: `${here}/${key}`,
        path,
      },
      lines,
    )
  })
  lines.push({ text: `${indent}${isList ? ']' : '}'}${suffix}`, isFailing })
}
