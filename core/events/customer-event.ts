import {
  checkChoice,
  checkDuration,
  checkFields,
  checkIdentifier,
  checkObject,
  checkStoreId,
  checkText,
  type FieldChecks,
} from './checks.ts'
import { customerEventTypes, type OtherEvent, type Rejection } from './decoded.ts'
import { createFindings, type JsonObject } from './findings.ts'
import { type ReadEventTime, requireIdentifier, requirePresent, requireTime } from './required.ts'

const checks: FieldChecks = [
  ['event_type', checkChoice(customerEventTypes)],
  ['store_id', checkStoreId],
]

const demographicsChecks: FieldChecks = [
  ['age_group', checkText],
  ['gender', checkText],
  ['city', checkText],
  ['loyalty_tier', checkText],
]

const behaviorChecks: FieldChecks = [
  ['page', checkText],
  ['product_id', checkIdentifier],
  ['session_id', checkIdentifier],
  ['duration_ms', checkDuration],
  ['transaction_id', checkIdentifier],
]

/**
 * A record of `customer-events`: required event_id, customer_id, event_time and event_type; the rest is checked if
 * present.
 *
 * @param latestMs latest event time that is not `future_time`
 */
export function readCustomerEvent(
  record: JsonObject,
  readTime: ReadEventTime,
  latestMs: number,
): OtherEvent | Rejection {
  const findings = createFindings()
  const id = requireIdentifier(findings, record, 'event_id')
  requireIdentifier(findings, record, 'customer_id')
  const time = requireTime(findings, record, readTime, latestMs)
  requirePresent(findings, record, 'event_type')
  checkFields(findings, record, checks)
  checkObject(findings, record, 'demographics', demographicsChecks)
  checkObject(findings, record, 'behavior', behaviorChecks)
  if (findings.rejection !== null) return findings.rejection
  return { type: 'event', topic: 'customer-events', id, eventTimeMs: time.ms, zoneless: time.zoneless }
}
