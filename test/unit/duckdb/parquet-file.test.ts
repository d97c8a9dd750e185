import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readTableFile } from '../../../core/duckdb/files.ts'
import { createParquetFile } from '../../../core/duckdb/parquet-file.ts'
import { hostileTexts } from '../../support/hostile-texts.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const columns = [
  { name: 'at', type: 'timestamp' },
  { name: 'n', type: 'integer' },
  { name: 'big', type: 'bigint' },
  { name: 'amount', type: 'decimal' },
  { name: 'a "name"', type: 'text' },
  { name: 'bytes', type: 'bytes' },
] as const

async function readBack(file: string): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for await (const chunk of readTableFile(file)) for (const row of chunk) rows.push(JSON.parse(row))
  return rows
}

it('keeps every digit, every character that is one, and what is null', async () => {
  const folder = makeTemporaryDirectory()
  const path = join(folder, 'it’s.parquet')
  const texts = hostileTexts.map(({ text }) => Buffer.from(text).toString())
  const rows = texts.map((text, index) => [
    '2026-11-23T01:17:25.761323Z',
    index - 2,
    '900719925474099',
    '-1234567890123456.78',
    text,
    Buffer.from(`${index}`).toString('base64'),
  ])
  const file = await createParquetFile(path, columns)
  await file.append(rows.slice(0, 10))
  await file.append(rows.slice(10))
  await file.append([[null, null, null, null, null, null]])
  await file.finish()
  await file.close()
  expect(readdirSync(folder)).toEqual(['it’s.parquet'])
  expect(await readBack(path)).toEqual([
    ...texts.map((text, index) => ({
      at: '2026-11-23T01:17:25.761323Z',
      n: index - 2,
      big: 900719925474099,
      amount: '-1234567890123456.78',
      'a "name"': text,
      bytes: `${index}`,
    })),
    {},
  ])
})

it('leaves nothing behind where the file cannot be written, or nobody finishes it', async () => {
  const folder = makeTemporaryDirectory()
  const nowhere = await createParquetFile(join(folder, 'no', 'such', 'file.parquet'), columns)
  await expect(nowhere.finish()).rejects.toThrow('could not be written')
  await nowhere.close()
  const forgotten = await createParquetFile(join(folder, 'forgotten.parquet'), columns)
  await forgotten.append([[null, 1, null, null, null, null]])
  await forgotten.close()
  expect(readdirSync(folder)).toEqual([])
})
