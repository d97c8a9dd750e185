import { parseDuration } from '../base/duration.ts'
import type { Disorder } from './generator.ts'
import { noDisorder } from './incidents.ts'

export type ParsedDisorder =
  | { readonly ok: true; readonly disorder: Disorder }
  /** What is wrong with which part, one lower-case sentence. */
  | { readonly ok: false; readonly message: string }

type Field = keyof Disorder

/** What each field's text must be. */
interface Rule {
  readonly says: string
  readonly read: (text: string) => number | null
}

const readNumber = (text: string): number | null => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null)
const readWhole = (text: string): number | null => (/^-?\d{1,15}$/.test(text) ? Number(text) : null)
const readMs = (text: string): number | null => {
  const isNegative = text.startsWith('-')
  const positive = isNegative ? text.slice(1) : text
  const ms = parseDuration(positive) ?? readWhole(positive)
  return ms !== null && isNegative ? -ms : ms
}
const within = (least: number, most: number, read: Rule['read']): Rule['read'] => {
  return (text) => {
    const value = read(text)
    return value !== null && value >= least && value <= most ? value : null
  }
}

const share: Rule = { says: 'a share from 0 to 1', read: within(0, 1, readNumber) }
const store: Rule = { says: 'the number of a store', read: within(0, 2 ** 31 - 1, readWhole) }
const duration: Rule = {
  says: 'milliseconds or a duration like 5m',
  read: within(0, Number.MAX_SAFE_INTEGER, readMs),
}
const signedDuration: Rule = { says: 'milliseconds or a duration like -90s', read: readMs }

const rules: Readonly<Record<Field, Rule>> = {
  late: share,
  duplicate: share,
  invalid: share,
  silentStore: store,
  silentForMs: duration,
  silentEveryMs: duration,
  skewedStore: store,
  skewMs: signedDuration,
  burstEveryMs: duration,
}

/** What a silent or skewed store does when only the store is named. */
const silence = { silentForMs: 300_000, silentEveryMs: 900_000 } as const
const skew = { skewMs: -90_000 } as const

const isField = (name: string): name is Field => Object.hasOwn(rules, name)

const toCamelCase = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Reads `name=value`; a text is what is wrong with it. */
function parsePart(part: string): readonly [Field, number] | string {
  const [name = '', text, ...more] = part.split('=').map((piece) => piece.trim())
  const field = toCamelCase(name)
  if (!isField(field)) return `unknown disorder ${name || part}: it is one of ${Object.keys(rules).join(', ')}`
  const value = text === undefined || more.length > 0 ? null : rules[field].read(text)
  return value === null ? `disorder ${part.trim()}: ${name} must be ${rules[field].says}` : [field, value]
}

/** Completes a silent or skewed store that was only named. */
function completeFields(given: ReadonlyMap<Field, number>): Disorder {
  const silent = given.has('silentStore') && !given.has('silentForMs') && !given.has('silentEveryMs') ? silence : {}
  const skewed = given.has('skewedStore') && !given.has('skewMs') ? skew : {}
  return { ...noDisorder, ...silent, ...skewed, ...Object.fromEntries(given) }
}

/**
 * Reads `late=0.02,duplicate=0.01,invalid=0.01`: fields of {@link Disorder} in kebab or camel case, each at most once;
 * what is not named is none. Times are milliseconds or durations (`silent-for-ms=5m`). A silent store without times is
 * silent 5 min of every 15, a skewed one without `skew-ms` is 90 s behind. The empty text is no disorder.
 */
export function parseDisorder(text: string): ParsedDisorder {
  const given = new Map<Field, number>()
  for (const part of text.trim() === '' ? [] : text.split(',')) {
    const parsed = parsePart(part)
    if (typeof parsed === 'string') return { ok: false, message: parsed }
    const [field, value] = parsed
    if (given.has(field)) return { ok: false, message: `disorder ${field} is given twice` }
    given.set(field, value)
  }
  const disorder = completeFields(given)
  if (disorder.late + disorder.duplicate + disorder.invalid > 1 + Number.EPSILON) {
    return { ok: false, message: 'disorder late, duplicate and invalid together must be at most 1' }
  }
  return { ok: true, disorder }
}
