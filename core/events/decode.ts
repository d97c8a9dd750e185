import { Fault } from '../base/fault.ts'
import type { Decoded, DecodeRules } from './decoded.ts'
import { createFastCustomerEventReader, createFastInventoryUpdateReader } from './fast-event.ts'
import { createFastSaleReader } from './fast-sale.ts'
import { createRecordParser } from './parse.ts'
import type { LogRecord } from './record.ts'
import { isEventTopic } from './topics.ts'

/** Bytes in, one outcome out: an event, a tombstone, or a rejection with one reason. Total: no bytes make it throw. */
export interface Decoder {
  /**
   * @param nowMs the record's *now*, milliseconds UTC: its append time on the local log
   * @throws Fault `internal` for a record of the app's own topic, which is no event
   */
  decode(record: LogRecord, nowMs: number): Decoded
}

const tombstone: Decoded = { type: 'tombstone' }

/**
 * A decoder under `rules`. Most records are read by a byte scan; where that is not sure, the record is parsed, which
 * gives every outcome and every reason.
 *
 * @throws Fault `setting` when there is no such zone
 */
export function createDecoder(rules: DecodeRules): Decoder {
  const parse = createRecordParser(rules)
  const fastReaders = {
    'retail-transactions': createFastSaleReader(rules.zone),
    'customer-events': createFastCustomerEventReader(rules.zone),
    'inventory-updates': createFastInventoryUpdateReader(rules.zone),
  }
  return {
    decode(record, nowMs) {
      const { topic, source, valueStart, valueEnd } = record
      if (!isEventTopic(topic)) throw new Fault('internal', `no events are on ${topic}`)
      if (valueStart < 0) return tombstone
      const event = fastReaders[topic](source, valueStart, valueEnd, nowMs + rules.futureMs)
      if (event !== null) return event
      return parse(topic, source, valueStart, valueEnd, nowMs)
    },
  }
}
