import type { DuckdbSession } from '../../duckdb/session.ts'
import type { NamedNumber } from '../counter-rows.ts'

/**
 * The rows of `storepulse.counters`: cumulative counters and next offsets. All of them are written by one statement with
 * one list, each row taking the value at its slot: a third of the time of two upserts, ten times a second.
 */
export interface Numbers {
  /** By slot, the first being 1. */
  readonly rows: readonly NamedNumber[]
}

const keyOf = ({ name, topic }: NamedNumber): string => `${topic} ${name}`

/** Reads them all, inside the running transaction. */
export async function readNumbers(session: DuckdbSession): Promise<Numbers> {
  const rows = await session.read('SELECT topic, name, value FROM storepulse.counters ORDER BY slot', [], (row) => ({
    topic: row.text(0),
    name: row.text(1),
    value: row.number(2),
  }))
  return { rows }
}

/** Writes changed and new values, inside the running transaction. Returns what the table then holds. */
export async function writeNumbers(
  session: DuckdbSession,
  before: Numbers,
  values: readonly NamedNumber[],
): Promise<Numbers> {
  const next = new Map(before.rows.map((row) => [keyOf(row), row]))
  for (const value of values) next.set(keyOf(value), value)
  const rows = [...next.values()]
  const added = rows.slice(before.rows.length)
  if (added.length > 0) {
    await session.run(
      `INSERT INTO storepulse.counters (slot, topic, name, value)
        SELECT unnest($1::INTEGER[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), unnest($4::BIGINT[])`,
      [
        { integers: added.map((_, index) => before.rows.length + index + 1) },
        { texts: added.map(({ topic }) => topic) },
        { texts: added.map(({ name }) => name) },
        { integers: added.map(({ value }) => value) },
      ],
    )
  }
  if (before.rows.length > 0) {
    const list = rows.map(({ value }) => value)
    await session.run('UPDATE storepulse.counters SET value = ($1::BIGINT[])[slot]', [{ integers: list }])
  }
  return { rows }
}
