import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readTableFile } from '../../../core/duckdb/files.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { openSession } from './open-session.ts'

async function readRows(file: string): Promise<readonly string[]> {
  const rows: string[] = []
  for await (const chunk of readTableFile(file)) rows.push(...chunk)
  return rows
}

function writeFile(name: string, text: string): string {
  const file = join(makeTemporaryDirectory(), name)
  writeFileSync(file, text)
  return file
}

async function writeParquet(select: string): Promise<string> {
  const file = join(makeTemporaryDirectory(), 'rows.parquet')
  const session = await openSession({ reachesFiles: true })
  await session.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`)
  return file
}

it('reads a CSV file by its header, every digit kept', async () => {
  const file = writeFile(
    'sales.csv',
    [
      'transaction_id,store_id,customer_id,event_time,final_amount',
      't-1,7,007,2025-01-06 10:00:00,12.50',
      '12345678901234567890,7,c;2,2025-01-06T10:00:00Z,1e3',
      '"quoted, ""twice""",-7,1,1736157600000,-0',
    ].join('\n'),
  )
  expect(await readRows(file)).toEqual([
    '{"transaction_id":"t-1","store_id":7,"customer_id":"007","event_time":"2025-01-06T10:00:00","final_amount":"12.50"}',
    '{"transaction_id":"12345678901234567890","store_id":7,"customer_id":"c;2","event_time":"2025-01-06T10:00:00Z","final_amount":"1e3"}',
    '{"transaction_id":"quoted, \\"twice\\"","store_id":-7,"customer_id":1,"event_time":1736157600000,"final_amount":"-0"}',
  ])
})

it('leaves out empty cells and nests JSON', async () => {
  const file = writeFile('sales.csv', 'id,discount,products,note\na,,"[{""quantity"":2}]",\nb,1,[not json,x\n')
  expect(await readRows(file)).toEqual([
    '{"id":"a","products":[{"quantity":2}]}',
    '{"id":"b","discount":1,"products":"[not json","note":"x"}',
  ])
})

it('reads other separators, and names with quotes in them', async () => {
  const file = writeFile('sales.csv', 'a;"b ""c""";__proto__\n1;2;3\n4;5;6\n')
  expect(await readRows(file)).toEqual(['{"a":1,"b \\"c\\"":2,"__proto__":3}', '{"a":4,"b \\"c\\"":5,"__proto__":6}'])
})

it('reads a file whose name looks like a pattern', async () => {
  const file = writeFile("it's [a-z]*?.csv", 'a\n1\n2\n')
  expect(await readRows(file)).toEqual(['{"a":1}', '{"a":2}'])
})

it('reads more rows than one chunk, in order', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `${index},x`)
  const rows = await readRows(writeFile('many.csv', `n,x\n${lines.join('\n')}\n`))
  expect(rows.map((row) => Number(/\d+/.exec(row)?.[0]))).toEqual(lines.map((_, index) => index))
})

it('stops early where the reader does', async () => {
  const file = writeFile('many.csv', `n\n${Array.from({ length: 10_000 }, (_, index) => index).join('\n')}\n`)
  for await (const chunk of readTableFile(file)) {
    expect(chunk.length).toBeGreaterThan(0)
    break
  }
  expect(await readRows(file)).toHaveLength(10_000)
})

it('reads a Parquet file with nested columns', async () => {
  const file =
    await writeParquet(`SELECT 't-1' AS transaction_id, 7::INTEGER AS store_id, 9007199254740993::BIGINT AS big,
    42::BIGINT AS small, 12.50::DECIMAL(10,2) AS final_amount, 0.5::DOUBLE AS share,
    TIMESTAMP '2025-01-06 10:00:00.123456' AS event_time, NULL::INTEGER AS discount, true AS flag,
    [{'product_id': 'p', 'quantity': 2::BIGINT, 'name': NULL}] AS products, MAP {'a': 1::BIGINT} AS tags`)
  expect(await readRows(file)).toEqual([
    '{"transaction_id":"t-1","store_id":7,"big":"9007199254740993","small":42,"final_amount":"12.50","share":0.5,' +
      '"event_time":"2025-01-06T10:00:00.123456Z","flag":true,"products":[{"product_id":"p","quantity":2}],"tags":{"a":1}}',
  ])
})

it('reads text that a Parquet file holds as bytes', async () => {
  expect(await readRows(await writeParquet("SELECT encode('naïve') AS name"))).toEqual(['{"name":"naïve"}'])
})

it('says that a file is not there', async () => {
  expect(await faultOf(readRows(join(makeTemporaryDirectory(), 'none.csv')))).toMatchObject({
    code: 'not-found',
    domain: 'user',
  })
})

it('says what is wrong with a file', async () => {
  const fault = await faultOf(readRows(writeFile('broken.parquet', 'PAR1 this is none')))
  expect(fault).toMatchObject({ code: 'input', domain: 'user' })
  expect(fault.message).toMatch(/broken\.parquet: .*No magic bytes|not a parquet|Parquet/i)
  expect(fault.message).not.toContain('\n')
})

it('reads a table out of a DuckDB file, in whatever schema it is, and says where there is none', async () => {
  const file = join(makeTemporaryDirectory(), "it's.duckdb")
  const session = await openSession({ reachesFiles: true })
  await session.run(`ATTACH '${file.replaceAll("'", "''")}' AS made; CREATE SCHEMA made.retail;
    CREATE TABLE made.retail.sums AS SELECT 7 AS store_id, 12.50::decimal(12, 2) AS revenue,
      TIMESTAMP '2025-01-06 10:00:00' AS window_start; DETACH made`)
  const read = async (table: string): Promise<readonly string[]> => {
    const rows: string[] = []
    for await (const chunk of readTableFile(file, table)) rows.push(...chunk)
    return rows
  }
  expect(await read('sums')).toEqual(['{"store_id":7,"revenue":"12.50","window_start":"2025-01-06T10:00:00.000Z"}'])
  expect(await faultOf(read('other'))).toMatchObject({ code: 'input', message: `${file}: there is no table other` })
})
