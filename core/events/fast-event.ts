import { customerEventTypes, inventoryReasons, type OtherEvent } from './decoded.ts'
import type { FastRead } from './fast-sale.ts'
import { scanRecord } from './scan/object.ts'
import { planFields, type ScanPlan } from './scan/plan.ts'
import { createScan, resetScan } from './scan/scan.ts'

const demographics = planFields([
  ['age_group', 'text'],
  ['gender', 'text'],
  ['city', 'text'],
  ['loyalty_tier', 'text'],
])

const behavior = planFields([
  ['page', 'text'],
  ['product_id', 'identifier'],
  ['session_id', 'identifier'],
  ['duration_ms', 'duration'],
  ['transaction_id', 'identifier'],
])

const customerEvent = planFields([
  ['event_id', 'id', { required: true }],
  ['customer_id', 'identifier', { required: true }],
  ['event_time', 'time', { required: true }],
  ['event_type', 'choice', { required: true, choices: customerEventTypes }],
  ['store_id', 'store'],
  ['demographics', 'object', { members: demographics }],
  ['behavior', 'object', { members: behavior }],
])

const inventoryUpdate = planFields([
  ['update_id', 'id', { required: true }],
  ['product_id', 'identifier', { required: true }],
  ['event_time', 'time', { required: true }],
  ['warehouse', 'name', { required: true }],
  ['quantity', 'stock', { required: true }],
  ['change', 'integer'],
  ['reason', 'choice', { choices: inventoryReasons }],
  ['store_id', 'store'],
  ['reorder_point', 'integer'],
])

function createFastReader(topic: OtherEvent['topic'], plan: ScanPlan): FastRead<OtherEvent> {
  const scan = createScan()
  return (source, start, end, latestMs) => {
    resetScan(scan, source)
    if (!scanRecord(scan, start, end, plan) || scan.eventTimeMs > latestMs) return null
    const id = source.toString('latin1', scan.idStart, scan.idEnd)
    return { type: 'event', topic, id, eventTimeMs: scan.eventTimeMs, zoneless: false }
  }
}

/** As {@link createFastSaleReader}, for `customer-events`. */
export const createFastCustomerEventReader = (): FastRead<OtherEvent> =>
  createFastReader('customer-events', customerEvent)

/** As {@link createFastSaleReader}, for `inventory-updates`. */
export const createFastInventoryUpdateReader = (): FastRead<OtherEvent> =>
  createFastReader('inventory-updates', inventoryUpdate)
