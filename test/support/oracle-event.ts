import type { RejectionReason } from '../../core/events/decoded.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import { hasMoreThanCents, isAmountText, readDecimal, roundToCents } from './oracle-amount.ts'
import { namesZone, readTime } from './oracle-time.ts'

/** One record read by the rules for the oracle: a table of fields per topic, and a list of everything wrong with it. */

export type OracleEvent =
  | {
      readonly type: 'sale'
      readonly id: string
      readonly timeMs: number
      readonly storeId: number
      readonly customerId: string
      readonly cents: bigint
      /** Something was lost in rounding to cents. */
      readonly rounded: boolean
      /** The time named no zone. */
      readonly zoneless: boolean
    }
  | { readonly type: 'event'; readonly id: string; readonly timeMs: number; readonly zoneless: boolean }
  | { readonly type: 'rejected'; readonly reason: RejectionReason }

interface Rules {
  readonly futureMs: number
  readonly zone: string
}

type Fields = Readonly<Record<string, unknown>>

/** What a field must be; the answer is what is wrong with a value that is there. */
type Check = (value: unknown, record: Fields, rules: Rules) => RejectionReason | null

interface Field {
  /** Canonical name first. */
  readonly names: readonly string[]
  readonly required: boolean
  /** An empty string is as good as none. */
  readonly isId: boolean
  readonly check: Check
}

/** Reasons about single fields, the weightiest first. */
const fieldReasons: readonly RejectionReason[] = ['missing_field', 'wrong_type', 'bad_amount', 'bad_time']
const maxBytes = 1_048_576
const maxDepth = 32

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const checkText: Check = (value) => (typeof value === 'string' ? null : 'wrong_type')
const checkId: Check = (value) => (typeof value === 'string' || Number.isSafeInteger(value) ? null : 'wrong_type')

const checkInteger =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? null : 'wrong_type'

const checkOneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? null : 'wrong_type'

const checkTime: Check = (value, _record, rules) => {
  if (typeof value !== 'string' && typeof value !== 'number') return 'wrong_type'
  return readTime(value, rules.zone) === null ? 'bad_time' : null
}

const checkAmount: Check = (value) => {
  if (typeof value === 'string' ? !isAmountText(value) : typeof value !== 'number') return 'wrong_type'
  const decimal = readDecimal(value as string | number)
  if (decimal === null) return 'bad_amount'
  const cents = roundToCents(decimal)
  return cents <= -(10n ** 10n) || cents >= 10n ** 10n ? 'bad_amount' : null
}

const checkPrice: Check = (value, record, rules) => {
  const wrong = checkAmount(value, record, rules)
  if (wrong !== null) return wrong
  return (readDecimal(value as string | number)?.unscaled ?? 0n) < 0n ? 'bad_amount' : null
}

/** A sale's amount is at least zero, a refund's at most. */
const checkFinalAmount: Check = (value, record, rules) => {
  const wrong = checkAmount(value, record, rules)
  if (wrong !== null) return wrong
  const unscaled = readDecimal(value as string | number)?.unscaled ?? 0n
  return (record.kind === 'refund' ? unscaled > 0n : unscaled < 0n) ? 'bad_amount' : null
}

const optional = (name: string, check: Check): Field => ({ names: [name], required: false, isId: false, check })
const required = (names: readonly string[], check: Check): Field => ({ names, required: true, isId: false, check })
const requiredId = (...names: readonly string[]): Field => ({ names, required: true, isId: true, check: checkId })

const checkObjectOf =
  (...fields: readonly Field[]): Check =>
  (value, _record, rules) =>
    isObject(value) ? findFieldFault(value, fields, rules) : 'wrong_type'

const checkListOf =
  (check: Check): Check =>
  (value, record, rules) =>
    Array.isArray(value) ? heaviest(value.map((item) => check(item, record, rules))) : 'wrong_type'

const checkStoreNumber = checkInteger(1, 2 ** 31 - 1)
/** A number, or its digits as text: ids are strings. */
const checkStoreId: Check = (value, record, rules) =>
  checkStoreNumber(typeof value === 'string' && /^[1-9]\d*$/.test(value) ? Number(value) : value, record, rules)
const checkDuration: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? null : 'wrong_type'
const checkAnyInteger = checkInteger(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

const fieldsOf: Readonly<Record<EventTopic, readonly Field[]>> = {
  'retail-transactions': [
    requiredId('transaction_id', 'txn_id'),
    required(['store_id'], checkStoreId),
    requiredId('customer_id'),
    required(['event_time', 'timestamp'], checkTime),
    required(['final_amount', 'amount'], checkFinalAmount),
    optional(
      'products',
      checkListOf(
        checkObjectOf(
          optional('product_id', checkId),
          optional('name', checkText),
          optional('category', checkText),
          optional('quantity', checkInteger(1, Number.MAX_SAFE_INTEGER)),
          optional('unit_price', checkPrice),
        ),
      ),
    ),
    optional('subtotal', checkAmount),
    optional('discount', checkAmount),
    optional('tax', checkAmount),
    optional('payment_method', checkOneOf('card', 'cash', 'mobile', 'gift_card')),
    optional('kind', checkOneOf('sale', 'refund')),
  ],
  'customer-events': [
    requiredId('event_id'),
    requiredId('customer_id'),
    required(['event_time'], checkTime),
    required(['event_type'], checkOneOf('visit', 'view', 'add_to_cart', 'checkout', 'purchase')),
    optional('store_id', checkStoreId),
    optional(
      'demographics',
      checkObjectOf(
        optional('age_group', checkText),
        optional('gender', checkText),
        optional('city', checkText),
        optional('loyalty_tier', checkText),
      ),
    ),
    optional(
      'behavior',
      checkObjectOf(
        optional('page', checkText),
        optional('product_id', checkId),
        optional('session_id', checkId),
        optional('duration_ms', checkDuration),
        optional('transaction_id', checkId),
      ),
    ),
  ],
  'inventory-updates': [
    requiredId('update_id'),
    requiredId('product_id'),
    required(['event_time'], checkTime),
    required(['warehouse'], checkText),
    required(['quantity'], checkInteger(0, Number.MAX_SAFE_INTEGER)),
    optional('change', checkAnyInteger),
    optional('reason', checkOneOf('sale', 'restock', 'shrinkage', 'transfer')),
    optional('store_id', checkStoreId),
    optional('reorder_point', checkAnyInteger),
  ],
}

/** The value under the first name that has one; null and absent are the same. */
const valueOf = (record: Fields, names: readonly string[]): unknown =>
  names.map((name) => record[name]).find((value) => value !== undefined && value !== null)

const heaviest = (faults: readonly (RejectionReason | null)[]): RejectionReason | null =>
  fieldReasons.find((reason) => faults.includes(reason)) ?? null

function findFieldFault(record: Fields, fields: readonly Field[], rules: Rules): RejectionReason | null {
  return heaviest(
    fields.map((field) => {
      const value = valueOf(record, field.names)
      if (value === undefined || (field.isId && value === '')) return field.required ? 'missing_field' : null
      return field.check(value, record, rules)
    }),
  )
}

/** Brackets within brackets as they are written, whatever parsing leaves of them: strings are cut out first. */
function isDeeperThan(text: string, levels: number): boolean {
  let level = 0
  for (const [bracket] of text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '""').matchAll(/[[\]{}]/g)) {
    level += bracket === '{' || bracket === '[' ? 1 : -1
    if (level > levels) return true
  }
  return false
}

function readText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

export function readEvent(topic: EventTopic, bytes: Uint8Array, nowMs: number, rules: Rules): OracleEvent {
  const reject = (reason: RejectionReason): OracleEvent => ({ type: 'rejected', reason })
  if (bytes.length > maxBytes) return reject('too_large')
  // Confluent's frame: a zero byte and a four-byte schema id.
  const isFramed = bytes[0] === 0
  const text = readText(isFramed ? bytes.subarray(5) : bytes)
  if (text === null) return reject('not_utf8')
  const parsed = parseJson(text.startsWith('\ufeff') ? text.slice(1) : text)
  if (parsed === null) return reject(isFramed ? 'schema_framed' : 'not_json')
  const record = parsed.value
  if (!isObject(record)) return reject('not_object')
  if (isDeeperThan(text, maxDepth)) return reject('too_deep')
  const fields = fieldsOf[topic]
  const fault = findFieldFault(record, fields, rules)
  if (fault !== null) return reject(fault)

  const time = valueOf(record, ['event_time', 'timestamp']) as string | number
  const timeMs = readTime(time, rules.zone) ?? Number.NaN
  if (timeMs > nowMs + rules.futureMs) return reject('future_time')
  const id = String(valueOf(record, fields[0]?.names ?? []))
  const zoneless = typeof time === 'string' && !namesZone(time)
  if (topic !== 'retail-transactions') return { type: 'event', id, timeMs, zoneless }
  const decimal = readDecimal(valueOf(record, ['final_amount', 'amount']) as string | number)
  return {
    type: 'sale',
    id,
    timeMs,
    storeId: Number(record.store_id),
    customerId: String(record.customer_id),
    cents: decimal === null ? 0n : roundToCents(decimal),
    rounded: decimal !== null && hasMoreThanCents(decimal),
    zoneless,
  }
}
