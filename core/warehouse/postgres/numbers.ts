import type { NamedNumber } from '../counter-rows.ts'
import { numberList, type Parameter, textList } from './parameter.ts'
import type { PostgresSession } from './session.ts'

/** The rows of `storepulse.counters`, by slot, the first being 1. */
export type Numbers = readonly NamedNumber[]

export const readNumbers = (session: PostgresSession): Promise<Numbers> =>
  session.read('SELECT topic, name, value FROM storepulse.counters ORDER BY slot', [], (row) => ({
    topic: row.text(0),
    name: row.text(1),
    value: row.number(2),
  }))

const keyOf = ({ name, topic }: NamedNumber): string => `${topic} ${name}`

export interface NumberChanges {
  /** What the table holds afterwards. */
  readonly next: Numbers
  readonly changed: readonly { readonly slot: number; readonly row: NamedNumber }[]
  readonly added: readonly { readonly slot: number; readonly row: NamedNumber }[]
}

/** What writing `values` changes and adds; most commits touch a few of the rows. */
export function findChanges(before: Numbers, values: Numbers): NumberChanges {
  const slots = new Map(before.map((row, index) => [keyOf(row), index + 1]))
  const next = [...before]
  const changed: { slot: number; row: NamedNumber }[] = []
  const added: { slot: number; row: NamedNumber }[] = []
  for (const row of values) {
    const slot = slots.get(keyOf(row))
    if (slot === undefined) {
      next.push(row)
      slots.set(keyOf(row), next.length)
      added.push({ slot: next.length, row })
    } else if (next[slot - 1]?.value !== row.value) {
      next[slot - 1] = row
      changed.push({ slot, row })
    }
  }
  return { next, changed, added }
}

/** Parts of a statement that writes them; `bind` adds a parameter and gives its name. */
export function listNumberParts(
  { added, changed }: NumberChanges,
  bind: (value: Parameter) => string,
): readonly string[] {
  const parts: string[] = []
  if (changed.length > 0) {
    const slots = bind(numberList(changed.map(({ slot }) => slot)))
    const values = bind(numberList(changed.map(({ row }) => row.value)))
    parts.push(
      `UPDATE storepulse.counters t SET value = s.value
        FROM unnest(${slots}::integer[], ${values}::bigint[]) AS s(slot, value) WHERE t.slot = s.slot`,
    )
  }
  if (added.length > 0) {
    const slots = bind(numberList(added.map(({ slot }) => slot)))
    const topics = bind(textList(added.map(({ row }) => row.topic)))
    const names = bind(textList(added.map(({ row }) => row.name)))
    const values = bind(numberList(added.map(({ row }) => row.value)))
    parts.push(
      `INSERT INTO storepulse.counters (slot, topic, name, value)
        SELECT * FROM unnest(${slots}::integer[], ${topics}::text[], ${names}::text[], ${values}::bigint[])`,
    )
  }
  return parts
}
