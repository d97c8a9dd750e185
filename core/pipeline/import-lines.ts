import { Fault } from '../base/fault.ts'
import type { AppendRecord } from '../events/record.ts'
import { type EventTopic, isEventTopic } from '../events/topics.ts'

const keyFields: Readonly<Record<EventTopic, string>> = {
  'retail-transactions': 'store_id',
  'customer-events': 'customer_id',
  'inventory-updates': 'product_id',
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseOrNull(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** The key the generator would give this value, or null where none can be read. */
export function readKey(topic: EventTopic, value: unknown): Uint8Array | null {
  if (!isObject(value)) return null
  const key = value[keyFields[topic]]
  if (typeof key === 'string') return Buffer.from(key)
  return typeof key === 'number' && Number.isSafeInteger(key) ? Buffer.from(String(key)) : null
}

/** One line as a bare value of a topic: its bytes as they are. */
export const readBareLine = (topic: EventTopic, line: Uint8Array): AppendRecord => ({
  topic,
  key: readKey(topic, parseOrNull(line)),
  value: line,
})

const backslash = 0x5c
const quote = 0x22

/** End of the string that opens at `at`: the position behind its closing quote. */
function skipString(line: Uint8Array, at: number): number {
  let next = at + 1
  while (line[next] !== quote) next += line[next] === backslash ? 2 : 1
  return next + 1
}

/** End of the object or array that opens at `at`. */
function skipNested(line: Uint8Array, at: number): number {
  let depth = 0
  let next = at
  do {
    const byte = line[next]
    if (byte === quote) {
      next = skipString(line, next)
      continue
    }
    if (byte === 0x7b || byte === 0x5b) depth += 1
    else if (byte === 0x7d || byte === 0x5d) depth -= 1
    next += 1
  } while (depth > 0)
  return next
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a

/**
 * The bytes of the last top-level member `value` whose content is an object, exactly as they stand in the line. The line
 * must be one valid JSON object.
 */
function findValueBytes(line: Uint8Array): Uint8Array | null {
  let at = line.indexOf(0x7b) + 1
  let found: Uint8Array | null = null
  while (at < line.length) {
    const byte = line[at]
    if (byte === 0x7d) break
    if (byte === quote) {
      const nameEnd = skipString(line, at)
      const name: unknown = parseOrNull(line.subarray(at, nameEnd))
      at = nameEnd
      while (isSpace(line[at]) || line[at] === 0x3a) at += 1
      const start = at
      const opens = line[at]
      if (opens === quote) at = skipString(line, at)
      else if (opens === 0x7b || opens === 0x5b) at = skipNested(line, at)
      else while (at < line.length && line[at] !== 0x2c && line[at] !== 0x7d && !isSpace(line[at])) at += 1
      if (name === 'value') found = opens === 0x7b ? line.subarray(start, at) : null
    } else at += 1
  }
  return found
}

/** Reads base64 strictly; null when it is none. */
function readBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null
  return Buffer.from(text, 'base64')
}

/** What an envelope carries: exactly one of value, text, base64. `undefined` when it does not. */
function readPayload(line: Uint8Array, envelope: Readonly<Record<string, unknown>>): Uint8Array | null | undefined {
  const carried = ['value', 'text', 'base64'].filter((name) => Object.hasOwn(envelope, name))
  if (carried.length !== 1) return undefined
  const { value, text, base64 } = envelope
  if (carried[0] === 'text') return typeof text === 'string' ? Buffer.from(text) : undefined
  if (carried[0] === 'base64') return typeof base64 === 'string' ? (readBase64(base64) ?? undefined) : undefined
  if (value === null) return null
  return isObject(value) ? (findValueBytes(line) ?? undefined) : undefined
}

/**
 * One line as an envelope: `{"topic":…,"key":…|null,"value":{…}|null}`, or `"text"`, or `"base64"` in place of value.
 * Without a key the value's own is taken.
 *
 * @throws Fault `input` that says what is wrong with the line
 */
export function readEnvelopeLine(line: Uint8Array): AppendRecord {
  const refuse = (message: string): Fault => new Fault('input', message, { domain: 'user' })
  const envelope = parseOrNull(line)
  if (!isObject(envelope)) throw refuse('is no envelope: a JSON object with topic, key and value')
  const { topic, key } = envelope
  if (typeof topic !== 'string' || !isEventTopic(topic)) throw refuse('names no known topic')
  if (key !== null && key !== undefined && typeof key !== 'string')
    throw refuse('has a key that is neither text nor null')
  const value = readPayload(line, envelope)
  if (value === undefined) throw refuse('must carry one of "value" (an object or null), "text", "base64"')
  if (typeof key === 'string') return { topic, key: Buffer.from(key), value }
  return { topic, key: key === null || value === null ? null : readKey(topic, parseOrNull(value)), value }
}
