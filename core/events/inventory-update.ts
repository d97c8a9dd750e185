import { checkChoice, checkFields, checkInteger, checkStock, checkStoreId, type FieldChecks } from './checks.ts'
import { inventoryReasons, type OtherEvent, type Rejection } from './decoded.ts'
import { createFindings, type JsonObject } from './findings.ts'
import { type ReadEventTime, requireIdentifier, requirePresent, requireText, requireTime } from './required.ts'

const checks: FieldChecks = [
  ['quantity', checkStock],
  ['change', checkInteger],
  ['reason', checkChoice(inventoryReasons)],
  ['store_id', checkStoreId],
  ['reorder_point', checkInteger],
]

/**
 * A record of `inventory-updates`: required update_id, product_id, event_time, warehouse (a text) and quantity (an
 * integer ≥ 0); the rest is checked if present, change and reorder_point as integers.
 *
 * @param latestMs latest event time that is not `future_time`
 */
export function readInventoryUpdate(
  record: JsonObject,
  readTime: ReadEventTime,
  latestMs: number,
): OtherEvent | Rejection {
  const findings = createFindings()
  const id = requireIdentifier(findings, record, 'update_id')
  requireIdentifier(findings, record, 'product_id')
  const time = requireTime(findings, record, readTime, latestMs)
  requireText(findings, record, 'warehouse')
  requirePresent(findings, record, 'quantity')
  checkFields(findings, record, checks)
  if (findings.rejection !== null) return findings.rejection
  return { type: 'event', topic: 'inventory-updates', id, eventTimeMs: time.ms, zoneless: time.zoneless }
}
