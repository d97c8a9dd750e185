import { createHash } from 'node:crypto'
import { formatRef, type RecordRef } from '../../../core/events/record.ts'
import type { LateEntry, QuarantineEntry, Warehouse } from '../../../core/warehouse/warehouse.ts'
import { defaultOracleOptions, type OracleResult } from '../oracle.ts'
import { readEvent } from '../oracle-event.ts'
import type { Findings } from './findings.ts'
import { everything, isRecord, list, type PlacedRecord, refOf, type Truth } from './truth.ts'

/** First bytes of a rejected record that are kept. */
const keptBytes = 65_536

/** Entries of a ledger against the records that must be in it, exactly once. */
function compareLedger(
  findings: Findings,
  name: string,
  entries: readonly { readonly ref: RecordRef; readonly readmittedAtMs: number | null }[],
  wanted: readonly PlacedRecord[],
  oracle: OracleResult,
): void {
  findings.expect(name, list(entries.map(({ ref }) => formatRef(ref))), list(wanted.map(refOf)))
  findings.expect(
    `${name}, counted after all`,
    list(entries.filter(({ readmittedAtMs }) => readmittedAtMs !== null).map(({ ref }) => formatRef(ref))),
    list(wanted.filter((record) => oracle.readmitted.has(record)).map(refOf)),
  )
}

/** What was late, with what the ledger says of it. */
function compareLate(
  findings: Findings,
  late: readonly LateEntry[],
  records: readonly PlacedRecord[],
  { futureMs }: Truth,
): void {
  const byRef = new Map(late.map((entry) => [formatRef(entry.ref), entry]))
  for (const record of records) {
    const { appendedAtMs, bytes, topic } = record
    const event = readEvent(topic, bytes ?? new Uint8Array(), appendedAtMs, { ...defaultOracleOptions, futureMs })
    const entry = byRef.get(refOf(record))
    findings.expect(
      `late ${refOf(record)}`,
      [entry?.transactionId, entry?.storeId, entry?.eventTimeMs, String(entry?.cents)],
      event.type === 'sale' ? [event.id, event.storeId, event.timeMs, String(event.cents)] : [],
    )
  }
}

/** What was rejected, with its bytes. */
function compareRejected(
  findings: Findings,
  quarantined: readonly QuarantineEntry[],
  records: readonly PlacedRecord[],
  oracle: OracleResult,
): void {
  const byRef = new Map(quarantined.map((entry) => [formatRef(entry.ref), entry]))
  for (const record of records) {
    const entry = byRef.get(refOf(record))
    const bytes = record.bytes ?? new Uint8Array()
    const digest = createHash('sha256').update(bytes).digest('hex')
    const isSame = entry && Buffer.from(entry.bytes).equals(bytes.subarray(0, keptBytes))
    findings.expect(
      `quarantined ${refOf(record)}`,
      [entry?.reason, entry?.sha256, entry?.sizeBytes, isSame],
      [oracle.outcomes.get(record), digest, bytes.length, true],
    )
  }
}

/** The late ledger and the quarantine: every record that must be there, once, as it was, and no other. */
export async function compareLedgers(
  findings: Findings,
  warehouse: Warehouse,
  truth: Truth,
  oracle: OracleResult,
): Promise<void> {
  const valid = ['counted', 'duplicate', 'tombstone']
  const kept = truth.steps.filter(isRecord).filter((record) => !valid.includes(oracle.outcomes.get(record) ?? 'none'))
  const lateRecords = kept.filter((record) => oracle.outcomes.get(record) === 'late')
  const rejected = kept.filter((record) => oracle.outcomes.get(record) !== 'late')
  const late = await warehouse.listLate({ limit: everything, offset: 0 })
  compareLedger(findings, 'late ledger', late, lateRecords, oracle)
  compareLate(findings, late, lateRecords, truth)
  const quarantined = await warehouse.listQuarantine({ limit: everything, offset: 0 })
  compareLedger(findings, 'quarantine', quarantined, rejected, oracle)
  compareRejected(findings, quarantined, rejected, oracle)
}
