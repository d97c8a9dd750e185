import type { ReadRecord } from '../events/epoch.ts'
import type { LogRecord, RecordRef } from '../events/record.ts'
import { readmissionTopic } from '../events/topics.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What tells whether a record was late or invalid when it was counted. */
type Ledgers = Pick<Warehouse, 'findEvicted' | 'findLate' | 'findQuarantined'>

const isReadmission = ({ topic }: LogRecord): boolean => topic === readmissionTopic

/** Whether these are words about re-admission, which {@link splitAtReadmissions} has put together. */
export const areReadmissions = ([first]: readonly LogRecord[]): boolean => first !== undefined && isReadmission(first)

/** Stretches of one kind, in order: events, or words about re-admission. */
export function splitAtReadmissions(records: readonly LogRecord[]): readonly (readonly LogRecord[])[] {
  if (!records.some(isReadmission)) return [records]
  const stretches: LogRecord[][] = []
  for (const record of records) {
    const last = stretches.at(-1)
    if (last?.[0] && isReadmission(last[0]) === isReadmission(record)) last.push(record)
    else stretches.push([record])
  }
  return stretches
}

const isSetAside = async (ref: RecordRef, ledgers: Ledgers): Promise<boolean> =>
  ((await ledgers.findLate(ref)) ?? (await ledgers.findQuarantined(ref)) ?? (await ledgers.findEvicted(ref))) !== null

/**
 * Leaves re-admissions without effect whose records are in no ledger. When the log is counted anew, a sale that was late
 * for the clock alone, or invalid by an earlier rule, has been counted already; one that the log has lost is in the
 * windows that were copied.
 *
 * @param ledgers of everything before these records
 */
export async function leaveCounted(read: readonly ReadRecord[], ledgers: Ledgers): Promise<readonly ReadRecord[]> {
  const left: ReadRecord[] = []
  for (const item of read) {
    if (!item.readmits || (await isSetAside(item.readmits.ref, ledgers))) left.push(item)
  }
  return left
}
