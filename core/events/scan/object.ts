import { maxValueBytes } from '../text.ts'
import {
  skipDecimal,
  skipExactly,
  skipInteger,
  skipMinus,
  skipPlainText,
  skipScalar,
  skipSpace,
  skipText,
  unsure,
} from './bytes.ts'
import { hasKeyAt } from './key.ts'
import type { PlannedField, ScanPlan } from './plan.ts'
import type { Scan } from './scan.ts'
import { scanTime } from './time.ts'
import {
  amountDigits,
  safeDigits,
  scanChoice,
  scanCustomer,
  scanId,
  scanKind,
  scanStore,
  scanTotal,
  skipIdentifier,
  skipQuantity,
} from './value.ts'

const nullLiteral = new Uint8Array(Buffer.from('null'))
const colon = 0x3a
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/** A field's value as §1 has it, what is to be kept put into `scan`. */
function scanValue(scan: Scan, at: number, field: PlannedField): number {
  const { bytes } = scan
  switch (field.kind) {
    case 'id':
      return scanId(scan, at)
    case 'customer':
      return scanCustomer(scan, at)
    case 'store':
      return scanStore(scan, at)
    case 'time':
      return scanTime(scan, at)
    case 'total':
      return scanTotal(scan, at)
    case 'kind':
      return scanKind(scan, at, field.choices)
    case 'identifier':
      return skipIdentifier(bytes, at)
    case 'text':
      return skipText(bytes, at)
    case 'amount':
      return skipDecimal(bytes, skipMinus(bytes, at), amountDigits)
    case 'price':
      return skipDecimal(bytes, at, amountDigits)
    case 'quantity':
      return skipQuantity(bytes, at)
    case 'stock':
      return skipInteger(bytes, at, safeDigits)
    case 'integer':
      return skipInteger(bytes, skipMinus(bytes, at), safeDigits)
    case 'duration':
      return skipDecimal(bytes, at, safeDigits)
    case 'choice':
      return scanChoice(bytes, at, field.choices)
    case 'object':
      return scanObject(scan, at, field.members)
    case 'list':
      break
  }
  return scanList(scan, at, field.members)
}

/** Which field has its key at `at`, spelt without space before the colon, as a position plus one; 0 for none. */
function findField(view: DataView, at: number, plan: ScanPlan): number {
  return plan.fields.findIndex((field) => hasKeyAt(view, at, field.key)) + 1
}

/**
 * A field no plan knows, and its scalar. Its key is plain and has no space before the colon: else it might be another
 * spelling of a known one.
 */
function skipOther(bytes: Uint8Array, at: number): number {
  const keyEnd = skipPlainText(bytes, at)
  return keyEnd < 0 || bytes[keyEnd] !== colon ? unsure : skipScalar(bytes, skipSpace(bytes, keyEnd + 1))
}

/**
 * An object by its plan: every field of the plan that is there is valid as §1 has it (or null, where it may be missing),
 * all required ones are there, and every other field is a scalar. Of a repeated field the last one is kept.
 */
export function scanObject(scan: Scan, at: number, plan: ScanPlan): number {
  const { bytes, view } = scan
  const { fields, followers } = plan
  if (bytes[at] !== openBrace) return unsure
  let next = skipSpace(bytes, at + 1)
  let seen = 0
  let last = 0
  if (bytes[next] !== closeBrace) {
    for (;;) {
      let found = followers[last] ?? 0
      let field = fields[found - 1]
      if (field === undefined || !hasKeyAt(view, next, field.key)) {
        found = findField(view, next, plan)
        field = found === 0 ? undefined : fields[found - 1]
      }
      if (field === undefined) {
        next = skipOther(bytes, next)
      } else {
        const valueAt = skipSpace(bytes, next + field.key.length)
        next = scanValue(scan, valueAt, field)
        if (next < 0 && field.nullable) next = skipExactly(bytes, valueAt, nullLiteral)
        seen |= field.bit
        followers[last] = found
        last = found
      }
      if (next < 0 || next > scan.end) return unsure
      next = skipSpace(bytes, next)
      if (bytes[next] !== comma) break
      next = skipSpace(bytes, next + 1)
    }
  }
  return bytes[next] === closeBrace && (seen & plan.required) === plan.required ? next + 1 : unsure
}

/** A list of objects by their plan. */
function scanList(scan: Scan, at: number, plan: ScanPlan): number {
  const { bytes } = scan
  if (bytes[at] !== openBracket) return unsure
  let next = skipSpace(bytes, at + 1)
  if (bytes[next] !== closeBracket) {
    for (;;) {
      next = scanObject(scan, next, plan)
      if (next < 0) return unsure
      next = skipSpace(bytes, next)
      if (bytes[next] !== comma) break
      next = skipSpace(bytes, next + 1)
    }
  }
  return bytes[next] === closeBracket ? next + 1 : unsure
}

/** Whether the bytes [start, end) are one record by its plan, not too large, space around it allowed. */
export function scanRecord(scan: Scan, start: number, end: number, plan: ScanPlan): boolean {
  if (end - start > maxValueBytes) return false
  scan.end = end
  const last = scanObject(scan, skipSpace(scan.bytes, start), plan)
  return last >= 0 && last <= end && (last === end || skipSpace(scan.bytes, last) >= end)
}
