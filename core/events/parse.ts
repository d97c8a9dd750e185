import { readCustomerEvent } from './customer-event.ts'
import type { Decoded, DecodeRules, RejectionReason } from './decoded.ts'
import { isDeeperThan } from './depth.ts'
import { createEventTimeReader } from './event-time.ts'
import { isJsonObject, type JsonObject } from './findings.ts'
import { readInventoryUpdate } from './inventory-update.ts'
import type { ReadEventTime } from './required.ts'
import { readSale } from './sale.ts'
import { readText } from './text.ts'
import type { EventTopic } from './topics.ts'

/** Deepest nesting that is accepted; the record's own braces are level 1. */
const maxDepth = 32

/** Decodes the bytes [start, end) of `source` as a record of `topic`. */
export type ParseRecord = (topic: EventTopic, source: Buffer, start: number, end: number, nowMs: number) => Decoded

const reject = (reason: RejectionReason): Decoded => ({ type: 'rejection', reason, path: '' })

/** What JSON.parse gives, or undefined where the text is no JSON. */
function parseJson(text: string): unknown {
  const limit = Error.stackTraceLimit
  // A stack nobody looks at is most of what a refused text costs.
  Error.stackTraceLimit = 0
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  } finally {
    Error.stackTraceLimit = limit
  }
}

const readers: Readonly<
  Record<EventTopic, (record: JsonObject, readTime: ReadEventTime, latestMs: number) => Decoded>
> = {
  'retail-transactions': readSale,
  'customer-events': readCustomerEvent,
  'inventory-updates': readInventoryUpdate,
}

/**
 * The whole of §2 by way of JSON.parse: every outcome, every reason. A repeated key counts with its last value.
 *
 * @throws Fault `setting` when there is no such zone
 */
export function createRecordParser(rules: DecodeRules): ParseRecord {
  const readTime = createEventTimeReader(rules.zone)
  return (topic, source, start, end, nowMs) => {
    const read = readText(source, start, end)
    if (typeof read === 'string') return reject(read)
    const value = parseJson(read.text)
    if (value === undefined) return reject(read.framed ? 'schema_framed' : 'not_json')
    if (!isJsonObject(value)) return reject('not_object')
    if (isDeeperThan(read.text, maxDepth)) return reject('too_deep')
    return readers[topic](value, readTime, nowMs + rules.futureMs)
  }
}
