import {
  checkAmount,
  checkChoice,
  checkFields,
  checkIdentifier,
  checkList,
  checkPrice,
  checkQuantity,
  checkText,
  type FieldChecks,
} from './checks.ts'
import { paymentMethods, type Rejection, type Sale, saleKinds } from './decoded.ts'
import { createFindings, type JsonObject } from './findings.ts'
import { type ReadEventTime, requireAmount, requireIdentifier, requireStoreId, requireTime } from './required.ts'

const productChecks: FieldChecks = [
  ['product_id', checkIdentifier],
  ['name', checkText],
  ['category', checkText],
  ['quantity', checkQuantity],
  ['unit_price', checkPrice],
]

const restChecks: FieldChecks = [
  ['subtotal', checkAmount],
  ['discount', checkAmount],
  ['tax', checkAmount],
  ['payment_method', checkChoice(paymentMethods)],
  ['kind', checkChoice(saleKinds)],
]

/**
 * A record of `retail-transactions`: required transaction_id [txn_id], store_id, customer_id, event_time [timestamp]
 * and final_amount [amount]; the rest is checked if present. A product needs none of its fields. Only the final amount
 * decides on `rounded`. A sale below zero or a refund above zero is a `bad_amount`.
 *
 * @param latestMs latest event time that is not `future_time`
 */
export function readSale(record: JsonObject, readTime: ReadEventTime, latestMs: number): Sale | Rejection {
  const findings = createFindings()
  const id = requireIdentifier(findings, record, 'transaction_id', 'txn_id')
  const storeId = requireStoreId(findings, record, 'store_id')
  const customerId = requireIdentifier(findings, record, 'customer_id')
  const time = requireTime(findings, record, readTime, latestMs, 'timestamp')
  const sign = record['kind'] === 'refund' ? -1 : 1
  const amount = requireAmount(findings, record, 'final_amount', 'amount', sign)
  checkList(findings, record, 'products', productChecks)
  checkFields(findings, record, restChecks)
  if (findings.rejection !== null) return findings.rejection
  return {
    type: 'sale',
    id,
    storeId,
    customerId,
    eventTimeMs: time.ms,
    cents: amount.cents,
    rounded: amount.rounded,
    zoneless: time.zoneless,
  }
}
