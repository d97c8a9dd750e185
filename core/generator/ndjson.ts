import { Fault } from '../base/fault.ts'
import type { AppendRecord } from '../events/record.ts'

/**
 * How records become lines. `bare`: the values alone, for one topic. `envelope`: `{"topic":…,"key":…,"value":…}`, for
 * several.
 */
export type LineForm = 'bare' | 'envelope'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const openingBrace = 0x7b
const closingBrace = 0x7d

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** The text of bytes that are UTF-8, else null. */
function readText(bytes: Buffer): string | null {
  const text = bytes.toString('utf8')
  // A replacement character stands for bytes that are no UTF-8, or for itself.
  return text.includes('\uFFFD') && !Buffer.from(text).equals(bytes) ? null : text
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether the bytes are the text of one JSON object, brace to brace, on one line. */
const isObjectLine = (bytes: Buffer, text: string): boolean =>
  bytes[0] === openingBrace &&
  bytes[bytes.length - 1] === closingBrace &&
  !bytes.includes(lineFeed) &&
  !bytes.includes(carriageReturn) &&
  isJson(text)

function formatContent(value: Uint8Array | null): string {
  if (value === null) return '"value":null'
  const bytes = toBuffer(value)
  const text = readText(bytes)
  if (text === null) return `"base64":"${bytes.toString('base64')}"`
  return isObjectLine(bytes, text) ? `"value":${text}` : `"text":${JSON.stringify(text)}`
}

/**
 * The envelope of a record, without a line feed: `{"topic":…,"key":…|null,"value":{…}|null}`. An object on one line
 * stands in it with the exact bytes it has; other text is a JSON string under `text`; bytes that are no UTF-8 are under
 * `base64`. The record can be made again from the line, byte for byte, if its key is UTF-8.
 */
export function formatEnvelope({ topic, key, value }: AppendRecord): string {
  const keyText = key === null ? 'null' : JSON.stringify(toBuffer(key).toString('utf8'))
  return `{"topic":"${topic}","key":${keyText},${formatContent(value)}}`
}

/**
 * The value itself, where it can be a line: it is there, not empty, and holds no line feed or carriage return. Every
 * value of the generator can, invalid ones included, even those that are no UTF-8: such a line is bytes and not text,
 * and whoever reads it must split bytes at line feeds to get the same record again.
 *
 * @throws Fault `input` for a value that cannot be a line
 */
export function formatBare({ topic, value }: AppendRecord): Uint8Array {
  if (value && value.length > 0 && !value.includes(lineFeed) && !value.includes(carriageReturn)) return value
  throw new Fault('input', `a record of ${topic} has a value that is not one line`, {
    hint: 'write several topics, so that each line is an envelope',
  })
}

/**
 * Records as NDJSON, a line feed after each.
 *
 * @throws Fault `input` in form `bare` for a value that cannot be a line
 */
export function encodeNdjson(records: readonly AppendRecord[], form: LineForm): Buffer {
  if (form === 'envelope') {
    let text = ''
    for (const record of records) text += `${formatEnvelope(record)}\n`
    return Buffer.from(text)
  }
  const end = Uint8Array.of(lineFeed)
  return Buffer.concat(records.flatMap((record) => [formatBare(record), end]))
}
