import type { Random } from '../base/random.ts'
import { type RejectionReason, rejectionReasons } from '../events/decoded.ts'
import { type EventTopic, salesTopic } from '../events/topics.ts'
import { itemAt } from './item-at.ts'

/**
 * Makes a valid record's text into a value that is rejected for one chosen reason.
 *
 * 1. The value holds no line feed and no carriage return and is not empty, so that it is one line of a file as it is.
 * 2. It breaks no rule that is checked before the one of its reason.
 */
export type Spoil = (text: string, topic: EventTopic, createdAtMs: number, random: Random) => string | Buffer

interface WrongField {
  readonly field: string
  /** JSON text of a value that the field cannot have. */
  readonly json: string
}

const requiredFields: Readonly<Record<EventTopic, readonly string[]>> = {
  'retail-transactions': ['transaction_id', 'store_id', 'customer_id', 'event_time', 'final_amount'],
  'customer-events': ['event_id', 'customer_id', 'event_time', 'event_type'],
  'inventory-updates': ['update_id', 'product_id', 'event_time', 'warehouse', 'quantity'],
}

const wrongTypes: Readonly<Record<EventTopic, readonly WrongField[]>> = {
  'retail-transactions': [
    { field: 'store_id', json: '"the one by the station"' },
    { field: 'customer_id', json: '{"first":"Ada"}' },
    { field: 'kind', json: '"gift"' },
    { field: 'event_time', json: 'true' },
  ],
  'customer-events': [
    { field: 'event_type', json: '"teleport"' },
    { field: 'customer_id', json: '[17]' },
    { field: 'event_time', json: '{}' },
  ],
  'inventory-updates': [
    { field: 'reason', json: '"theft"' },
    { field: 'warehouse', json: '{"row":7}' },
    { field: 'quantity', json: 'true' },
  ],
}

const wrongAmounts = ['123456789012.34', '-12.50', '1e999'] as const
const wrongTimes = ['"yesterday"', '"2025-13-45T99:00:00Z"', '12345', '""'] as const
const brokenBytes = [0xff, 0xc0, 0x80] as const

const mebibyte = 1_048_576
const nestedTooDeep = 40
/** Bytes of Confluent's frame: a zero and the schema's id, most significant byte first. */
const frameBytes = 5
/**
 * A till whose clock stands in the 2090s. Far enough ahead that the record is still of the future when a file made in
 * virtual time is imported years later.
 */
const farFutureMs = Date.UTC(2090, 0, 1)
const farFutureSpanMs = 9 * 365 * 86_400_000

/** Field and value as they stand in our own text; a required field is never the last one. */
const fieldPattern = (field: string): RegExp => new RegExp(`"${field}":("[^"]*"|[^",}]+)`)

const replaceField = (text: string, field: string, json: string): string =>
  text.replace(fieldPattern(field), () => `"${field}":${json}`)

const removeField = (text: string, field: string): string =>
  text.replace(new RegExp(`${fieldPattern(field).source},`), '')

const addField = (text: string, field: string, json: string): string => `${text.slice(0, -1)},"${field}":${json}}`

const pick = <Item>(items: readonly Item[], random: Random): Item => itemAt(items, random.nextInt(items.length))

const spoils: Readonly<Record<RejectionReason, Spoil>> = {
  too_large: (text, _topic, _createdAtMs, random) =>
    addField(text, 'receipt', `"${'x'.repeat(mebibyte + random.nextInt(65_536))}"`),
  not_utf8: (text, _topic, _createdAtMs, random) => {
    const bytes = Buffer.from(text)
    bytes[bytes.indexOf('":"') + 4] = pick(brokenBytes, random)
    return bytes
  },
  schema_framed: (text, _topic, _createdAtMs, random) => {
    const fields = text.match(/[A-Za-z0-9-]{4,}/g) ?? []
    const framed = Buffer.from(`\0\0\0\0\0\u0002${fields.join('\u0002')}`)
    framed[frameBytes - 1] = 0x20 + random.nextInt(0x60)
    return framed
  },
  not_json: (text, _topic, _createdAtMs, random) => {
    const cut = Math.floor(text.length * (0.2 + 0.7 * random.next()))
    return pick([text.slice(0, cut), text.replaceAll('"', "'"), `${text.slice(0, -1)},}`], random)
  },
  not_object: (text, _topic, _createdAtMs, random) => pick([`[${text}]`, JSON.stringify(text), '17'], random),
  too_deep: (text) => addField(text, 'trace', '['.repeat(nestedTooDeep) + ']'.repeat(nestedTooDeep)),
  missing_field: (text, topic, _createdAtMs, random) => removeField(text, pick(requiredFields[topic], random)),
  wrong_type: (text, topic, _createdAtMs, random) => {
    const { field, json } = pick(wrongTypes[topic], random)
    return replaceField(text, field, json)
  },
  bad_amount: (text, _topic, _createdAtMs, random) => replaceField(text, 'final_amount', pick(wrongAmounts, random)),
  bad_time: (text, _topic, _createdAtMs, random) => replaceField(text, 'event_time', pick(wrongTimes, random)),
  future_time: (text, _topic, createdAtMs, random) => {
    const eventTimeMs = Math.max(farFutureMs, createdAtMs + 86_400_000) + Math.floor(farFutureSpanMs * random.next())
    return replaceField(text, 'event_time', `"${new Date(eventTimeMs).toISOString()}"`)
  },
}

/** Reasons a topic's records can be rejected for; only sales have an amount. */
const reasonsOf = (topic: EventTopic): readonly RejectionReason[] =>
  rejectionReasons.filter((reason) => reason !== 'too_large' && (reason !== 'bad_amount' || topic === salesTopic))

/** Of so many invalid records, over all topics, one is too large: they outweigh all others together. */
const invalidPerTooLarge = 250
/** Which one it is of each such stretch: never more than one in 200, however short the run. */
const tooLargeAt = 200

/** Spoils one record after the other; each reason of a topic once before any comes again. */
export interface Spoiler {
  spoil(text: string, topic: EventTopic, createdAtMs: number): Buffer
}

export function createSpoiler(random: Random): Spoiler {
  const decks = new Map<EventTopic, RejectionReason[]>()
  let invalid = 0

  const nextReason = (topic: EventTopic): RejectionReason => {
    invalid += 1
    if (invalid % invalidPerTooLarge === tooLargeAt) return 'too_large'
    const known = decks.get(topic)
    const deck = known && known.length > 0 ? known : [...reasonsOf(topic)]
    const [reason] = deck.splice(random.nextInt(deck.length), 1)
    decks.set(topic, deck)
    return reason ?? 'not_json'
  }
  return {
    spoil(text, topic, createdAtMs) {
      const spoiled = spoils[nextReason(topic)](text, topic, createdAtMs, random)
      return typeof spoiled === 'string' ? Buffer.from(spoiled) : spoiled
    },
  }
}
