import { customerEventTypes, inventoryReasons, type OtherEvent } from './decoded.ts'
import type { FastRead } from './fast-sale.ts'
import { scanRecord } from './scan/object.ts'
import { planFields, type ScanPlan } from './scan/plan.ts'
import { createScan, resetScan } from './scan/scan.ts'
import { isUtc } from './zone.ts'

const planDemographics = (): ScanPlan =>
  planFields([
    ['age_group', 'text'],
    ['gender', 'text'],
    ['city', 'text'],
    ['loyalty_tier', 'text'],
  ])

const planBehavior = (): ScanPlan =>
  planFields([
    ['page', 'text'],
    ['product_id', 'identifier'],
    ['session_id', 'identifier'],
    ['duration_ms', 'duration'],
    ['transaction_id', 'identifier'],
  ])

const planCustomerEvent = (): ScanPlan =>
  planFields([
    ['event_id', 'id', { required: true }],
    ['customer_id', 'identifier', { required: true }],
    ['event_time', 'time', { required: true }],
    ['event_type', 'choice', { required: true, choices: customerEventTypes }],
    ['store_id', 'store'],
    ['demographics', 'object', { members: planDemographics() }],
    ['behavior', 'object', { members: planBehavior() }],
  ])

const planInventoryUpdate = (): ScanPlan =>
  planFields([
    ['update_id', 'id', { required: true }],
    ['product_id', 'identifier', { required: true }],
    ['event_time', 'time', { required: true }],
    ['warehouse', 'text', { required: true }],
    ['quantity', 'stock', { required: true }],
    ['change', 'integer'],
    ['reason', 'choice', { choices: inventoryReasons }],
    ['store_id', 'store'],
    ['reorder_point', 'integer'],
  ])

function createFastReader(topic: OtherEvent['topic'], plan: ScanPlan, zone: string): FastRead<OtherEvent> {
  const readsZoneless = isUtc(zone)
  const scan = createScan()
  return (source, start, end, latestMs) => {
    resetScan(scan, source)
    if (!scanRecord(scan, start, end, plan) || scan.eventTimeMs > latestMs) return null
    if (scan.zoneless && !readsZoneless) return null
    const id = source.toString('latin1', scan.idStart, scan.idEnd)
    return { type: 'event', topic, id, eventTimeMs: scan.eventTimeMs, zoneless: scan.zoneless }
  }
}

/** As {@link createFastSaleReader}, for `customer-events`. */
export const createFastCustomerEventReader = (zone: string): FastRead<OtherEvent> =>
  createFastReader('customer-events', planCustomerEvent(), zone)

/** As {@link createFastSaleReader}, for `inventory-updates`. */
export const createFastInventoryUpdateReader = (zone: string): FastRead<OtherEvent> =>
  createFastReader('inventory-updates', planInventoryUpdate(), zone)
