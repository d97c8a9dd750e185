import { expect } from 'vitest'
import { createFastCustomerEventReader, createFastInventoryUpdateReader } from '../../../core/events/fast-event.ts'
import { createFastSaleReader } from '../../../core/events/fast-sale.ts'
import { createRecordParser } from '../../../core/events/parse.ts'
import type { EventTopic } from '../../../core/events/topics.ts'
import { createLogRecord } from '../../support/log-record.ts'
import { nowMs } from './event-arbitraries.ts'

export const futureMs = 300_000
const zone = 'UTC'
const parse = createRecordParser({ futureMs, zone })
export const fastReaders = {
  'retail-transactions': createFastSaleReader(zone),
  'customer-events': createFastCustomerEventReader(zone),
  'inventory-updates': createFastInventoryUpdateReader(zone),
}

/** Holds the scan against the parser; true when the scan was sure. */
export function agrees(topic: EventTopic, source: Buffer, start: number, end: number, now = nowMs): boolean {
  const fast = fastReaders[topic](source, start, end, now + futureMs)
  if (fast === null) return false
  expect(fast).toStrictEqual(parse(topic, source, start, end, now))
  return true
}

/** The same for one value among other bytes. */
export function agreesOn(topic: EventTopic, value: Uint8Array | string, now = nowMs): boolean {
  const { source, valueStart, valueEnd } = createLogRecord(topic, value)
  return agrees(topic, source, valueStart, valueEnd, now)
}
