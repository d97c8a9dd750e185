import { paymentMethods, type Sale, saleKinds } from './decoded.ts'
import { scanRecord } from './scan/object.ts'
import { planFields, type ScanPlan } from './scan/plan.ts'
import { createScan, resetScan } from './scan/scan.ts'
import { isUtc } from './zone.ts'

const planProduct = (): ScanPlan =>
  planFields([
    ['product_id', 'identifier'],
    ['name', 'text'],
    ['category', 'text'],
    ['quantity', 'quantity'],
    ['unit_price', 'price'],
  ])

const planSale = (): ScanPlan =>
  planFields([
    ['transaction_id', 'id', { required: true }],
    ['store_id', 'store', { required: true }],
    ['customer_id', 'customer', { required: true }],
    ['event_time', 'time', { required: true }],
    ['final_amount', 'total', { required: true }],
    ['products', 'list', { members: planProduct() }],
    ['subtotal', 'amount'],
    ['discount', 'amount'],
    ['tax', 'amount'],
    ['payment_method', 'choice', { choices: paymentMethods }],
    ['kind', 'kind', { choices: saleKinds }],
  ])

/** Reads the bytes [start, end) of `source` as an event, or null where it cannot be sure of one. */
export type FastRead<Event> = (source: Buffer, start: number, end: number, latestMs: number) => Event | null

/**
 * Reads a sale without parsing its JSON: only what is needed is taken out, all else is still validated. Null for
 * whatever is rare (rejections, ids that are no plain ASCII, aliases in place of their fields, nulls, amounts as text or with more than two
 * decimals, times in another zone): parsing decides those. What it does read is what parsing would give.
 *
 * @param zone `events.zone`
 */
export function createFastSaleReader(zone: string): FastRead<Sale> {
  const readsZoneless = isUtc(zone)
  const scan = createScan()
  const plan = planSale()
  return (source, start, end, latestMs) => {
    resetScan(scan, source)
    if (!scanRecord(scan, start, end, plan) || scan.eventTimeMs > latestMs) return null
    if (scan.zoneless && !readsZoneless) return null
    if (scan.refund ? scan.cents > 0 : scan.cents < 0) return null
    return {
      type: 'sale',
      id: source.toString('latin1', scan.idStart, scan.idEnd),
      storeId: scan.storeId,
      customerId: source.toString('latin1', scan.customerStart, scan.customerEnd),
      eventTimeMs: scan.eventTimeMs,
      cents: scan.cents,
      rounded: false,
      zoneless: scan.zoneless,
    }
  }
}
