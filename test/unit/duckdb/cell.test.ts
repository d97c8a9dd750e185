import { expect, it } from 'vitest'
import { createCellReader, type DuckdbCell } from '../../../core/duckdb/cell.ts'
import { openSession } from './open-session.ts'

async function readCell(expression: string): Promise<DuckdbCell | undefined> {
  const session = await openSession()
  const result = await session.stream(`SELECT ${expression}`)
  const chunk = await result.fetchChunk()
  return chunk?.getRows()[0]?.map(createCellReader(session.duckdb))[0]
}

it.each([
  ['NULL', null],
  ['true', true],
  ['12::TINYINT', 12],
  ['-70000::INTEGER', -70_000],
  ['4000000000::UINTEGER', 4_000_000_000],
  ['1::BIGINT', '1'],
  ['9223372036854775807::BIGINT', '9223372036854775807'],
  ['170141183460469231731687303715884105727::HUGEINT', '170141183460469231731687303715884105727'],
  ['18446744073709551615::UBIGINT', '18446744073709551615'],
  ['1.50::DECIMAL(10,2)', '1.50'],
  ['-0.05::DECIMAL(10,2)', '-0.05'],
  ['5::DECIMAL(38,0)', '5'],
  ['0.1::DOUBLE', 0.1],
  ["'nan'::DOUBLE", 'NaN'],
  ["'-inf'::DOUBLE", '-Infinity'],
  ["'naïve ☕'", 'naïve ☕'],
  ["'\\x00\\xFF'::BLOB", 'AP8='],
  ["TIMESTAMP '2025-01-06 00:00:00'", '2025-01-06T00:00:00.000Z'],
  ["TIMESTAMP '2025-01-06 00:00:00.123'", '2025-01-06T00:00:00.123Z'],
  ["TIMESTAMP '2025-01-06 00:00:00.000001'", '2025-01-06T00:00:00.000001Z'],
  ["TIMESTAMP '1969-12-31 23:59:59.999999'", '1969-12-31T23:59:59.999999Z'],
  ["TIMESTAMP '0001-01-01 00:00:00'", '0001-01-01T00:00:00.000Z'],
  ["'infinity'::TIMESTAMP", 'infinity'],
  ["'-infinity'::TIMESTAMP", '-infinity'],
  ["'2025-01-06 00:00:00.4'::TIMESTAMP_S", '2025-01-06T00:00:00.000Z'],
  ["'2025-01-06 00:00:00.5'::TIMESTAMP_MS", '2025-01-06T00:00:00.500Z'],
  ["'2025-01-06 00:00:00.000000001'::TIMESTAMP_NS", '2025-01-06T00:00:00.000000001Z'],
  ["TIMESTAMPTZ '2025-01-06 02:00:00+02'", '2025-01-06T00:00:00.000Z'],
  ["DATE '2025-01-06'", '2025-01-06'],
  ["TIME '10:20:30'", '10:20:30'],
  ["INTERVAL '1 day 2 hours'", '1 day 02:00:00'],
  ["'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID", '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ['[1, NULL, 3]::BIGINT[]', ['1', null, '3']],
  ['[1.5, 2.5]::DECIMAL(4,1)[2]', ['1.5', '2.5']],
  ["{'a': 1::BIGINT, 'b': [DATE '2025-01-06']}", { a: '1', b: ['2025-01-06'] }],
  ["MAP {'k': 1.5::DECIMAL(3,1)}", { k: '1.5' }],
  ["'x'::ENUM('x', 'y')", 'x'],
])('reads %s', async (expression, cell) => {
  expect(await readCell(expression)).toEqual(cell)
})
