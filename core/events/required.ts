import { type Amount, readAmount } from './amount.ts'
import { readIdentifier, readStoreId } from './checks.ts'
import type { EventTime } from './event-time.ts'
import { type Findings, type JsonObject, noteFinding } from './findings.ts'

/** Reads a present event time; see {@link createEventTimeReader}. */
export type ReadEventTime = (value: unknown) => EventTime | 'wrong_type' | 'bad_time'

/**
 * Required fields: each function notes what is wrong and then returns a value that nobody uses, since a record with a
 * finding is rejected. Null counts as absent, and so does an empty text where an id is wanted. Where both a
 * field and its alias are there and not null, the field wins; the path names the one that was read.
 */

const isAbsent = (value: unknown): boolean => value === undefined || value === null

function chooseName(record: JsonObject, name: string, alias: string | undefined): string {
  return alias !== undefined && isAbsent(record[name]) && !isAbsent(record[alias]) ? alias : name
}

export function requireIdentifier(findings: Findings, record: JsonObject, field: string, alias?: string): string {
  const name = chooseName(record, field, alias)
  const value = record[name]
  const id = readIdentifier(value)
  if (isAbsent(value) || id === '') noteFinding(findings, 'missing_field', `/${name}`)
  else if (id === null) noteFinding(findings, 'wrong_type', `/${name}`)
  return id ?? ''
}

/** The value itself is left to a check that follows. */
export function requirePresent(findings: Findings, record: JsonObject, name: string): void {
  if (isAbsent(record[name])) noteFinding(findings, 'missing_field', `/${name}`)
}

export function requireText(findings: Findings, record: JsonObject, name: string): void {
  const value = record[name]
  if (isAbsent(value)) noteFinding(findings, 'missing_field', `/${name}`)
  else if (typeof value !== 'string') noteFinding(findings, 'wrong_type', `/${name}`)
}

export function requireStoreId(findings: Findings, record: JsonObject, name: string): number {
  const value = record[name]
  const id = readStoreId(value)
  if (isAbsent(value)) noteFinding(findings, 'missing_field', `/${name}`)
  else if (id === null) noteFinding(findings, 'wrong_type', `/${name}`)
  return id ?? 0
}

const noTime: EventTime = { ms: 0, zoneless: false }

/** Also notes `future_time` for a time after `latestMs`, the record's *now* plus what may be ahead of it. */
export function requireTime(
  findings: Findings,
  record: JsonObject,
  read: ReadEventTime,
  latestMs: number,
  alias?: string,
): EventTime {
  const name = chooseName(record, 'event_time', alias)
  const value = record[name]
  const time = isAbsent(value) ? 'missing_field' : read(value)
  if (typeof time === 'string') {
    noteFinding(findings, time, `/${name}`)
    return noTime
  }
  if (time.ms > latestMs) noteFinding(findings, 'future_time', `/${name}`)
  return time
}

const noAmount: Amount = { cents: 0, sign: 0, rounded: false }

/** Also notes `bad_amount` for an amount whose sign is not the wanted one; zero has both. */
export function requireAmount(
  findings: Findings,
  record: JsonObject,
  field: string,
  alias: string,
  sign: 1 | -1,
): Amount {
  const name = chooseName(record, field, alias)
  const value = record[name]
  const amount = isAbsent(value) ? 'missing_field' : readAmount(value)
  if (typeof amount === 'string') {
    noteFinding(findings, amount, `/${name}`)
    return noAmount
  }
  if (amount.sign === -sign) noteFinding(findings, 'bad_amount', `/${name}`)
  return amount
}
