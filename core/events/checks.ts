import { readAmount } from './amount.ts'
import type { RejectionReason } from './decoded.ts'
import { type Findings, isJsonObject, type JsonObject, noteFinding } from './findings.ts'

/** What is wrong with one present value, or null. */
export type Check = (value: unknown) => RejectionReason | null

/** Fields of one object that are checked if present, in the order of §1's table. */
export type FieldChecks = readonly (readonly [name: string, check: Check])[]

/** Store numbers are 1…2³¹−1. */
export const maxStoreId = 2_147_483_647

const canonicalStoreId = /^[1-9]\d{0,9}$/

/** An id as text, or null when it is neither a string nor a safe integer. */
export function readIdentifier(value: unknown): string | null {
  if (typeof value === 'string') return value
  return Number.isSafeInteger(value) ? String(value) : null
}

/** A store's number from a number or its canonical decimal text; null when it is neither or out of range. */
export function readStoreId(value: unknown): number | null {
  const id = typeof value === 'string' && canonicalStoreId.test(value) ? Number(value) : value
  return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= maxStoreId ? id : null
}

const unless = (holds: boolean): RejectionReason | null => (holds ? null : 'wrong_type')

export const checkText: Check = (value) => unless(typeof value === 'string')
export const checkIdentifier: Check = (value) => unless(readIdentifier(value) !== null)
export const checkStoreId: Check = (value) => unless(readStoreId(value) !== null)
export const checkInteger: Check = (value) => unless(Number.isSafeInteger(value))
export const checkStock: Check = (value) => unless(isIntegerFrom(0, value))
export const checkQuantity: Check = (value) => unless(isIntegerFrom(1, value))
export const checkDuration: Check = (value) => unless(typeof value === 'number' && Number.isFinite(value) && value >= 0)

const isIntegerFrom = (least: number, value: unknown): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least

export const checkAmount: Check = (value) => {
  const amount = readAmount(value)
  return typeof amount === 'string' ? amount : null
}

/** An amount that is not below zero. */
export const checkPrice: Check = (value) => {
  const amount = readAmount(value)
  if (typeof amount === 'string') return amount
  return amount.sign < 0 ? 'bad_amount' : null
}

export const checkChoice =
  (choices: readonly string[]): Check =>
  (value) =>
    unless(choices.some((choice) => choice === value))

/** Notes what is wrong with the fields of `object` that are there; null counts as absent. */
export function checkFields(findings: Findings, object: JsonObject, checks: FieldChecks, path = ''): void {
  for (const [name, check] of checks) {
    const value = object[name]
    if (value === undefined || value === null) continue
    const reason = check(value)
    if (reason !== null) noteFinding(findings, reason, `${path}/${name}`)
  }
}

/** The same for an object inside the record, itself checked if present. */
export function checkObject(findings: Findings, record: JsonObject, name: string, checks: FieldChecks): void {
  const value = record[name]
  if (value === undefined || value === null) return
  if (isJsonObject(value)) checkFields(findings, value, checks, `/${name}`)
  else noteFinding(findings, 'wrong_type', `/${name}`)
}

/** The same for a list of objects inside the record. */
export function checkList(findings: Findings, record: JsonObject, name: string, checks: FieldChecks): void {
  const value = record[name]
  if (value === undefined || value === null) return
  if (!Array.isArray(value)) {
    noteFinding(findings, 'wrong_type', `/${name}`)
    return
  }
  value.forEach((item: unknown, index) => {
    if (isJsonObject(item)) checkFields(findings, item, checks, `/${name}/${index}`)
    else noteFinding(findings, 'wrong_type', `/${name}/${index}`)
  })
}
