import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { expectRows, decodeSale, type SparkBatch } from '../support/spark-batches.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const onePartition = ['--set', 'log.partitions=1'] as const
const header =
  'window_start,window_end,store_id,total_transactions,total_revenue,unique_customers,avg_transaction_value'

interface Counts {
  readonly windows: number
  readonly same: number
  readonly lateInSpark: number
  readonly missing: number
  readonly extra: number
  readonly differs: number
  readonly rejectedByUs: number
}

/** Batches of these many values, and what their watermarks are. */
function planBatches(values: readonly Buffer[], ends: readonly number[]): readonly SparkBatch[] {
  const times = values.map((value) => {
    const decoded = decodeSale(value)
    return decoded.type === 'sale' ? decoded.eventTimeMs : 0
  })
  return ends.map((until, index) => {
    const newestMs = times.slice(0, ends[index - 1] ?? 0).reduce((most, ms) => Math.max(most, ms), 0)
    return { until: [until], watermarkMs: Math.max(0, newestMs - 600_000) }
  })
}

/** A row as a file has it. */
function writeCsvRow(row: string): string {
  const [start = '', store, transactions, revenue, customers, average] = row.split('|')
  const end = new Date(Date.parse(`${start.replace(' ', 'T')}Z`) + 60_000).toISOString().slice(0, 19).replace('T', ' ')
  return [start, end, store, transactions, revenue, customers, average].join(',')
}

/** A local log of one partition with late, repeated and invalid sales, and batches over it. */
async function makeLog() {
  const home = makeTemporaryDirectory()
  const shape = ['--count', '6000', '--rate', '2', '--stores', '5', '--seed', '3', '--to', 'stdout']
  const disorder = ['--disorder', 'late=0.05,duplicate=0.02,invalid=0.02', '--topic', 'retail-transactions']
  const { stdout } = await runStorepulse(['generate', ...shape, ...disorder], { home })
  const values = stdout
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(line))
  const imported = await runStorepulse(['import', '-', '--topic', 'retail-transactions', ...onePartition], {
    home,
    input: stdout,
  })
  expect(imported.code, imported.stderr).toBe(0)
  const batches = planBatches(values, [1_500, 3_000, 3_000, 4_400, 6_000])
  const list = join(home, 'batches.jsonl')
  const lines = batches.map(({ until: [end], watermarkMs }) => JSON.stringify({ until: { 0: end }, watermarkMs }))
  writeFileSync(list, lines.join('\n'))
  const table = join(home, 'table.csv')
  const writeTable = (rows: readonly string[]): void => writeFileSync(table, `${[header, ...rows].join('\n')}\n`)
  const compare = (more: readonly string[] = []) =>
    runStorepulse(['parity', '--batches', list, '--table', table, ...onePartition, ...more], { home })
  return { values, batches, list, writeTable, compare }
}

it('finds the table of a query the same in either mode, row by row, and names what was planted', async () => {
  const { batches, compare, values, writeTable } = await makeLog()
  for (const mode of ['append', 'update'] as const) {
    const expected = expectRows([values], batches, mode)
    expect(expected.late).toBeGreaterThan(100)
    writeTable(expected.rows.map(writeCsvRow))
    const found = await compare(['--json'])
    const counts = lastJson<Counts>(found)
    expect([found.code, found.stderr]).toEqual([0, ''])
    expect(counts).toMatchObject({ same: expected.rows.length, missing: 0, extra: 0, differs: 0, rejectedByUs: 0 })
    expect(counts.windows).toBe(counts.same + counts.lateInSpark)
    expect(jsonLines(found)[0]).toMatchObject({ replayed: { mode, batches: 5, lateSales: expected.late } })
  }

  const { rows } = expectRows([values], batches, 'append')
  const [first = '', second = '', ...others] = rows.map(writeCsvRow)
  const cells = second.split(',')
  const changed = [...cells.slice(0, 4), '0.01', ...cells.slice(5)].join(',')
  writeTable([changed, ...others, first.replace(/^\d{4}/, '2024')])
  const found = await compare(['--json', '--mode', 'append'])
  expect(found.code).toBe(1)
  expect(lastJson(found)).toMatchObject({ same: others.length, missing: 1, extra: 1, differs: 1, rejectedByUs: 0 })
  const storeId = Number(cells[2])
  const windowStart = new Date(`${cells[0]?.replace(' ', 'T')}Z`).toISOString()
  expect(jsonLines(found)).toContainEqual(
    expect.objectContaining({
      row: 'differs',
      windowStart,
      storeId,
      columns: [expect.objectContaining({ column: 'total_revenue', table: '0.01', replayed: cells[4] })],
    }),
  )
  const told = await compare(['--mode', 'append'])
  expect(told.stdout).toMatch(/missing +store \d+ at .*: not in the table/)
  expect(told.stdout).toMatch(/total_revenue is 0\.01, replayed \d+\.\d\d \(-\d+\.\d\d\)/)
  expect(told.stdout).toMatch(
    /windows: [\d,]+ same, [\d,]+ late in Spark, 1 missing, 1 extra, 1 differ, 0 rejected by us\n$/,
  )
})

it('exits 1 where the records do not explain a watermark, though every row is the same', async () => {
  const { batches, compare, list, values, writeTable } = await makeLog()
  writeTable(expectRows([values], batches.slice(0, 1), 'update').rows.map(writeCsvRow))
  writeFileSync(list, '{"until":{"0":1500},"watermarkMs":0}\n{"until":{"0":1500},"watermarkMs":1}')
  const found = await compare(['--json', '--mode', 'update'])
  expect([found.code, lastJson<Counts>(found).differs]).toEqual([1, 0])
  expect(jsonLines(found)).toContainEqual(expect.objectContaining({ watermark: 'differs', batch: 1 }))
  writeFileSync(list, '{"until":{"0":9999}}')
  const ahead = await compare()
  expect([ahead.code, ahead.stderr]).toEqual([1, expect.stringContaining('ends at offset 6000')])
})

it.each<readonly [args: readonly string[], code: number, message: string]>([
  [[], 2, 'parity takes --checkpoint or --batches, one of them'],
  [['--checkpoint', '.', '--batches', 'x'], 2, 'parity takes --checkpoint or --batches, one of them'],
  [['--batches', 'x', '--customer-type', 'uuid'], 2, "'uuid' is invalid"],
  [['--batches', 'x', '--conf', 'spark.x=1'], 2, '--conf takes spark.sql.streaming.statefulOperator.allowMultiple'],
  [['--batches', 'x', '--table', 'mysql://root:hunter2@host/x'], 2, '--table takes postgres://… or a CSV, Parquet or'],
  [['--batches', 'none', '--table', 'x.csv'], 1, 'none: there is no such file'],
  [['--checkpoint', 'none', '--table', 'x.csv'], 1, 'none: there is no such directory'],
  [['--checkpoint', 's3a://bucket/x', '--table', 'x.csv'], 2, '--checkpoint takes a directory of this computer'],
])('says what is wrong with %j', async (args, code, message) => {
  const found = await runStorepulse(['parity', ...args], { home: makeTemporaryDirectory() })
  expect([found.code, found.stderr]).toEqual([code, expect.stringContaining(message)])
  expect(found.stderr).not.toContain('hunter2')
})

it('exits 3 where the table’s server cannot be reached, and shows no password', async () => {
  const home = makeTemporaryDirectory()
  const list = join(home, 'batches.jsonl')
  writeFileSync(list, '{"until":{"0":1}}')
  const args = ['parity', '--batches', list, '--table', 'postgres://u:hunter2@127.0.0.1:1/x']
  const found = await runStorepulse(args, { home })
  expect([found.code, found.stderr]).toEqual([3, expect.stringContaining('127.0.0.1')])
  expect(found.stderr).not.toContain('hunter2')
})
