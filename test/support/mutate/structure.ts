import type { Random } from '../../../core/base/random.ts'
import { fieldNames, pick, pickJson } from './pieces.ts'

/** Changes that know the record for an object: fields, values, nesting. */

/** One field as it is written: names may be repeated, a value may be any text. */
type Member = readonly [name: string, json: string]

/** The fields of a JSON object, or null where the text is none. */
function readMembers(text: string): readonly Member[] | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.entries(value).map(([name, inner]) => [name, JSON.stringify(inner)] as const)
  } catch {
    return null
  }
}

/** As different producers write the same object. */
function writeMembers(members: readonly Member[], random: Random): string {
  const layout = random.nextInt(12)
  const [space, gap] = layout === 0 ? ['\n  ', ' '] : layout === 1 ? [' ', ' '] : layout === 2 ? ['', '\t'] : ['', '']
  const body = members.map(([name, json]) => `${space}${JSON.stringify(name)}${layout === 3 ? ' ' : ''}:${gap}${json}`)
  const text = `{${body.join(',')}${space}}`
  return layout === 4 ? text.replace('_', '\\u005f') : text
}

const deepest = 40

const nest = (json: string, levels: number, random: Random): string =>
  random.chance(0.5)
    ? `${'['.repeat(levels)}${json}${']'.repeat(levels)}`
    : `${'{"a":'.repeat(levels)}${json}${'}'.repeat(levels)}`

/** A number a little or far away from what it was, or written otherwise. */
function changeNumber(json: string, random: Random): string {
  const value = Number(json)
  switch (random.nextInt(8)) {
    case 0:
      return String(-value)
    case 1:
      return String(value + random.nextInt(3) - 1)
    case 2:
      return `"${json}"`
    case 3:
      return `${json}${json.includes('.') ? '' : '.0'}`
    case 4:
      return value.toExponential()
    case 5:
      return String(value * 10 ** (random.nextInt(13) - 4))
    case 6:
      return String(value + (random.nextInt(2001) - 1000) / 100_000)
    default:
      return `${json}${String(random.nextInt(1_000))}`
  }
}

const shiftsMs = [1, 1_000, 60_000, 600_000, 660_000, 3_600_000, 86_400_000, 31_536_000_000]

/** Parts of `2025-01-06T10:00:00Z` by their place, with what stands at the edge of what there is. */
const edges: readonly (readonly [at: number, digits: readonly string[]])[] = [
  [2, ['24', '23', '00', '99']],
  [5, ['00', '02', '12', '13']],
  [8, ['00', '28', '29', '30', '31', '32']],
  [11, ['00', '23', '24', '25']],
  [14, ['00', '59', '60']],
  [17, ['00', '59', '60', '61']],
]

function moveToEdges(text: string, random: Random): string {
  let moved = text
  for (let left = 1 + random.nextInt(3); left > 0; left -= 1) {
    const [at, digits] = pick(edges, random)
    moved = moved.slice(0, at) + pick(digits, random) + moved.slice(at + 2)
  }
  return moved
}

/** An instant moved, or the same one written otherwise. */
function changeTime(ms: number, random: Random): string {
  const moved = ms + pick(shiftsMs, random) * (random.nextInt(5) - 2)
  if (!(Math.abs(moved) < 8e15)) return '"9999-12-31"'
  const text = new Date(random.chance(0.5) ? moved : ms).toISOString()
  switch (random.nextInt(8)) {
    case 0:
      return String(moved)
    case 1:
      return String(Math.floor(moved / 1_000))
    case 2:
      return `"${text.slice(0, -1)}"`
    case 3:
      return `"${text.replace('Z', pick(['+00:00', '-00:00', '+01:00', '-08', '+0545', '+24:00', 'z', ' Z'], random))}"`
    case 4:
      return `"${text.slice(0, random.nextInt(text.length + 1))}"`
    case 5:
    case 6:
      return `"${moveToEdges(text, random)}"`
    default:
      return `"${text}"`
  }
}

/** A time or a number near what it was; a text without its quotes, anything else in quotes. */
function changeSlightly(json: string, random: Random): string {
  if (json.startsWith('"')) {
    const ms = Date.parse(json.slice(1, -1))
    return Number.isNaN(ms) ? json.slice(1, -1) : changeTime(ms, random)
  }
  return /^-?\d/.test(json) ? changeNumber(json, random) : JSON.stringify(json)
}

/** Fields whose values decide most. */
const telling = ['event_time', 'timestamp', 'final_amount', 'amount', 'store_id', 'quantity', 'unit_price', 'kind']

/** A value of another kind, of another size, or deeper down. */
function changeValue(json: string, random: Random): string {
  const inner = readMembers(json)
  if (inner !== null && random.chance(0.7)) return writeMembers(changeMembers(inner, inner, random), random)
  switch (random.nextInt(5)) {
    case 0:
      return nest(json, 1 + random.nextInt(random.chance(0.2) ? deepest : 2), random)
    case 1:
      return changeSlightly(json, random)
    case 2:
      if (json.startsWith('[')) {
        return json.replace(/\{.*?\}/, (item) => changeValue(item, random))
      }
      return /^-?\d/.test(json) ? changeNumber(json, random) : pickJson(random)
    default:
      return pickJson(random)
  }
}

/** The members with one of them dropped, renamed, repeated, changed, moved, or taken from another record. */
function changeMembers(members: readonly Member[], others: readonly Member[], random: Random): readonly Member[] {
  const at = random.nextInt(Math.max(1, members.length))
  const [name, json] = members[at] ?? ['note', '1']
  const replaceAt = (member: Member): readonly Member[] => [...members.slice(0, at), member, ...members.slice(at + 1)]
  const insert = (member: Member): readonly Member[] => {
    const where = random.nextInt(members.length + 1)
    return [...members.slice(0, where), member, ...members.slice(where)]
  }
  switch (random.nextInt(13)) {
    case 0:
      return members.filter((_, index) => index !== at)
    case 1:
      return replaceAt([pick(fieldNames, random), json])
    case 2:
      return insert([name, random.chance(0.5) ? json : pickJson(random)])
    case 3:
      return insert([pick(fieldNames, random), pickJson(random)])
    case 4: {
      const other = random.nextInt(members.length || 1)
      const theirs = members[other]?.[1] ?? 'null'
      return members.map(([own, value], index) => [own, index === at ? theirs : index === other ? json : value])
    }
    case 5:
      return insert(others.length > 0 ? pick(others, random) : ['note', 'null'])
    case 6:
      return [...members].reverse()
    case 7:
    case 8:
    case 9: {
      const known = members.filter((member) => telling.includes(member[0]))
      const chosen = known.length > 0 ? pick(known, random) : null
      return members.map((member) => (member === chosen ? [member[0], changeSlightly(member[1], random)] : member))
    }
    default:
      return replaceAt([name, changeValue(json, random)])
  }
}

/** Up to four such changes, mostly one, of a record's text; the text itself where it is no JSON object. */
export function changeStructure(text: string, other: string, random: Random): string {
  let members = readMembers(text)
  if (members === null) return text
  const others = readMembers(other) ?? []
  for (let left = random.chance(0.6) ? 1 : 1 + random.nextInt(4); left > 0; left -= 1)
    members = changeMembers(members, others, random)
  return writeMembers(members, random)
}
