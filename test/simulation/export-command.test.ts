import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeHostileLines } from '../support/hostile-records.ts'
import { jsonLines, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

type Row = Readonly<Record<string, string | number | null>>

/** What terminals act upon or nobody sees, but for line ends. */
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u

/** Cells of a CSV by RFC 4180; a cell may hold line ends. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
    if (end === '') break
  }
  return rows.filter((row) => row.length > 1)
}

it('exports the table and both ledgers, the same in every format, hostile or not', async () => {
  const home = makeTemporaryDirectory()
  const input = makeHostileLines(Date.now()).join('\n')
  await runStorepulse(['import', '-'], { home, input })
  expect((await runStorepulse(['run', '--until-caught-up', '--json'], { home })).code).toBe(0)
  const query = async (sql: string) => jsonLines<Row>(await runStorepulse(['query', sql, '--json'], { home }))

  for (const what of ['summary', 'late', 'quarantine']) {
    const [json, csv] = ['json', 'csv'].map((ending) => join(home, `${what}.${ending}`))
    for (const file of [json, csv]) {
      const exported = await runStorepulse(['export', what, '--out', file ?? ''], { home })
      expect(exported, exported.stderr).toMatchObject({ code: 0, stdout: '' })
    }
    const text = readFileSync(json ?? '', 'utf8')
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    const table = what === 'summary' ? 'transactions_summary' : `storepulse.${what}`
    expect(rows).toHaveLength(Number((await query(`SELECT count(*) AS n FROM ${table}`))[0]?.['n']))
    expect(text.replaceAll('\n', '')).not.toMatch(unseen)

    const [header = [], ...cells] = readCsv(readFileSync(csv ?? '', 'utf8'))
    expect(header).toEqual(Object.keys(rows[0] ?? {}))
    expect(cells).toHaveLength(rows.length)
    for (const [index, row] of rows.entries()) {
      const plain = header.map((name) => String(row[name] ?? ''))
      // But for the apostrophe that keeps a spreadsheet from taking it for a formula.
      expect(cells[index]?.map((cell, column) => (cell === `'${plain[column]}` ? cell.slice(1) : cell))).toEqual(plain)
      for (const cell of cells[index] ?? []) {
        if (!/^[-+]?\d+(\.\d+)?$/.test(cell)) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }
    }
  }
  expect(readdirSync(home).filter((name) => name.includes('.part'))).toEqual([])

  const parquet = join(home, 'summary.parquet')
  expect((await runStorepulse(['export', 'summary', '--out', parquet], { home })).code).toBe(0)
  expect((await runStorepulse(['import', parquet, '--topic', 'retail-transactions'], { home })).code).toBe(0)
  // What came back out of the Parquet file is no sale: its rows are in quarantine, as they were read.
  await runStorepulse(['run', '--until-caught-up', '--json'], { home })
  const read = (await query('SELECT bytes FROM storepulse.quarantine')).map(({ bytes }) =>
    Buffer.from(String(bytes), 'base64').toString(),
  )
  const windows = readFileSync(join(home, 'summary.json'), 'utf8').trimEnd().split('\n')
  const back = read.filter((text) => text.startsWith('{"window_start"')).map((text) => JSON.parse(text) as Row)
  expect(back).toEqual(windows.map((line) => JSON.parse(line) as Row))
})

it('exports to standard output, keeps what is there, and says what it cannot do', async () => {
  const home = makeTemporaryDirectory()
  const generated = await runStorepulse(['generate', '--seed', '3', '--count', '2000', '--to', 'log'], { home })
  expect(generated.code).toBe(0)
  await runStorepulse(['run', '--until-caught-up', '--json'], { home })
  const rows = jsonLines<Row>(
    await runStorepulse(['query', 'SELECT * FROM transactions_summary ORDER BY window_start, store_id', '--json'], {
      home,
    }),
  )
  const printed = jsonLines<Row>(await runStorepulse(['export', 'summary', '--format', 'json'], { home }))
  expect(printed).toEqual(rows.map(({ id: _, ...row }) => row))
  expect(printed.length).toBeGreaterThan(20)
  const csv = await runStorepulse(['export', 'summary'], { home })
  expect(readCsv(csv.stdout)).toHaveLength(rows.length + 1)
  const file = join(home, 'summary.csv')
  expect((await runStorepulse(['export', 'summary', '--out', file], { home })).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toBe(csv.stdout)
  expect(await runStorepulse(['export', 'late', '--out', file], { home })).toMatchObject({ code: 2 })
  expect(readFileSync(file, 'utf8')).toBe(csv.stdout)
  expect((await runStorepulse(['export', 'late', '--out', file, '--force'], { home })).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toMatch(/^topic,partition,record_offset,.*\r\n$/)
  expect(await runStorepulse(['export', 'summary', '--format', 'parquet'], { home })).toMatchObject({ code: 2 })
  expect(await runStorepulse(['export', 'everything'], { home })).toMatchObject({ code: 2 })
  const nowhere = await runStorepulse(['export', 'summary', '--out', join(home, 'no', 'such.csv')], { home })
  expect(nowhere.code).toBe(1)
  expect(nowhere.stderr).toContain('cannot be written')
})
