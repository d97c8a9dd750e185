import type { Decoded, OtherEvent, RejectionReason, Sale } from '../../core/events/decoded.ts'
import type { ReadRecord } from '../../core/events/epoch.ts'
import type { LogRecord, Origin } from '../../core/events/record.ts'
import type { Topic } from '../../core/events/topics.ts'

/** A log record whose value is the given text; everything else has a plain default. */
export function makeRecord(
  value: string | null,
  more: Partial<Pick<LogRecord, 'topic' | 'partition' | 'offset' | 'sequence' | 'appendedAtMs'>> & {
    origin?: Origin
  } = {},
): LogRecord {
  const source = Buffer.from(value ?? '')
  return {
    topic: 'retail-transactions',
    partition: 0,
    offset: 0,
    sequence: more.offset ?? 0,
    appendedAtMs: 0,
    isProducerTime: false,
    origin: 'live',
    source,
    keyStart: -1,
    keyEnd: -1,
    valueStart: value === null ? -1 : 0,
    valueEnd: value === null ? -1 : source.length,
    ...more,
  }
}

/** A decoded sale; `at` is its event time in milliseconds. */
export const makeSale = (id: string, at: number, more: Partial<Omit<Sale, 'type'>> = {}): Sale => ({
  type: 'sale',
  id,
  storeId: 1,
  customerId: `customer of ${id}`,
  eventTimeMs: at,
  cents: 100,
  rounded: false,
  zoneless: false,
  ...more,
})

/** A decoded event of another topic. */
export const makeEvent = (id: string, at: number, topic: OtherEvent['topic'] = 'customer-events'): OtherEvent => ({
  type: 'event',
  topic,
  id,
  eventTimeMs: at,
  zoneless: false,
})

export const makeRejection = (reason: RejectionReason): Decoded => ({ type: 'rejection', reason, path: '' })

const topicOf = (decoded: Decoded): Topic => (decoded.type === 'event' ? decoded.topic : 'retail-transactions')

/** Numbers decoded values as consecutive records; a sale's content is its id and amount unless `content` says otherwise. */
export function readInOrder(
  decoded: readonly Decoded[],
  content?: (decoded: Decoded) => string,
): readonly ReadRecord[] {
  return decoded.map((one, index) => ({
    record: makeRecord(one.type === 'tombstone' ? null : (content?.(one) ?? JSON.stringify(one)), {
      offset: index,
      sequence: index,
      topic: topicOf(one),
    }),
    decoded: one,
  }))
}
