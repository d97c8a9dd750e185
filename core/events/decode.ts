import { Fault } from '../base/fault.ts'
import type { Decoded, DecodeRules } from './decoded.ts'
import { createFastCustomerEventReader, createFastInventoryUpdateReader } from './fast-event.ts'
import { createFastSaleReader } from './fast-sale.ts'
import { createRecordParser } from './parse.ts'
import type { LogRecord } from './record.ts'
import { isEventTopic } from './topics.ts'

/**
 * Bytes in, one outcome out: an event, a tombstone, or a rejection with one reason and the JSON pointer of a field.
 * Total: no bytes make it throw, and what is not asked for by name is never copied.
 *
 * What a field may be, where the fields' table leaves it open:
 *
 * 1. Precedence is over the whole record: any missing_field comes before any wrong_type, that before any bad_amount,
 *    bad_time and future_time. Within one reason the first field in the table's order gives the path, fields of a product
 *    or another inner object in its place.
 * 2. Null is absent. A required field that is absent is missing_field, and so is an id that is an empty text.
 * 3. An alias counts where its field is absent; the path names the one that was read. A repeated key counts with its
 *    last value.
 * 4. Ids are texts or safe integers. Store numbers are integers or their canonical decimal text. `warehouse`, names and
 *    the like are texts, empty or not. Products need none of their fields.
 * 5. Amounts: see readAmount. Their sign is judged before rounding: a sale of -0.001 is a bad_amount, one of -0 is not.
 *    Only the final amount decides on `rounded`.
 * 6. `quantity` of a product is an integer ≥ 1, in stock one ≥ 0, `change` and `reorder_point` any integer, all safe;
 *    `duration_ms` is any finite number ≥ 0. What is not so is wrong_type.
 * 7. Times: see createEventTimeReader. Only epoch milliseconds have bounds in 2000 and 2100; a text may be of any year
 *    from 1 to 9999 of UTC.
 * 8. A first byte of 0 is a schema frame: its five bytes are left out before the rest is checked to be UTF-8 and JSON.
 * 9. Depth is that of the text: the record's own braces are level 1, 32 is the last one accepted.
 */
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
