import { createHash } from 'node:crypto'
import { type RejectionReason, rejectionReasons } from '../../core/events/decoded.ts'

/** A record that is rejected for one reason. */
interface RejectedRecord {
  readonly reason: RejectionReason
  readonly bytes: Buffer
}

const saleWith = (changes: object): Buffer => {
  const fields = {
    transaction_id: 'T',
    store_id: 1,
    customer_id: 'C',
    event_time: '2025-01-06T12:00:00Z',
    final_amount: 1,
    ...changes,
  }
  return Buffer.from(JSON.stringify(fields))
}

const values: Readonly<Record<RejectionReason, Buffer>> = {
  too_large: Buffer.alloc(1_048_577, 'too large '),
  not_utf8: Buffer.from([0x7b, 0xff, 0x7d]),
  schema_framed: Buffer.from([0, 0, 0, 0, 1, 2, 3]),
  not_json: Buffer.from('{"a":'),
  not_object: Buffer.from('[]'),
  too_deep: Buffer.from(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`),
  missing_field: saleWith({ customer_id: null }),
  wrong_type: saleWith({ store_id: 'seven' }),
  bad_amount: saleWith({ final_amount: -1 }),
  bad_time: saleWith({ event_time: 'yesterday' }),
  future_time: saleWith({ event_time: '2090-01-01T00:00:00Z' }),
}

/** Values of `retail-transactions`, one for each reason there is, in the reasons' order. */
export const rejectedRecords: readonly RejectedRecord[] = rejectionReasons.map((reason) => ({
  reason,
  bytes: values[reason],
}))

/** The columns of the quarantine in which these records have to be found again, as `query --json` prints them. */
export const quarantinedColumns = 'reason, bytes, size_bytes, sha256'
export const quarantinedRows = rejectedRecords.map(({ reason, bytes }) => ({
  reason,
  bytes: bytes.subarray(0, 65_536).toString('base64'),
  size_bytes: String(bytes.length),
  sha256: createHash('sha256').update(bytes).digest('hex'),
}))
