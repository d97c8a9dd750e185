import type { Command } from 'commander'
import { openAccess } from '../../host/public.ts'
import type { QueryAnswer } from '../../protocol/commands.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { showCell } from '../csv.ts'
import { formatTable, makeLinesVisible, say, writeCsv, writeJson, writeOut } from '../output.ts'

interface QueryCommandOptions extends CommonOptions {
  readonly json?: boolean
  readonly csv?: boolean
}

/** A plan is a drawing in one cell, or one line a row: its lines as they are. */
const isPlan = (sql: string): boolean => /^\s*explain\b/i.test(sql)

async function writePlan({ rows }: QueryAnswer): Promise<void> {
  for (const row of rows) await writeOut(`${makeLinesVisible(showCell(row.at(-1) ?? null))}\n`)
}

async function writeRows(answer: QueryAnswer, form: 'json' | 'csv' | 'table'): Promise<void> {
  const names = answer.columns.map(({ name }) => name)
  if (form === 'json') {
    for (const row of answer.rows) {
      await writeJson(Object.fromEntries(names.map((name, column) => [name, row[column] ?? null])))
    }
    return
  }
  if (form === 'csv') {
    await writeCsv([names, ...answer.rows])
    return
  }
  const numeric = answer.columns.flatMap(({ type }, column) => (/INT|DECIMAL|DOUBLE|FLOAT/.test(type) ? [column] : []))
  const rows = answer.rows.map((row) => row.map(showCell))
  await writeOut(`${formatTable(names, rows, numeric)}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`)
}

/** `storepulse query`: read-only SQL on the warehouse. */
export function addQueryCommand(program: Command): void {
  withCommonOptions(program.command('query').description('run one read-only SELECT or EXPLAIN on the warehouse'))
    .argument('<sql>', 'the statement')
    .option('--json', 'one JSON object a row')
    .option('--csv', 'comma-separated values with a header')
    .action(async (sql: string, options: QueryCommandOptions) => {
      const access = await openAccess(readContext(options, 'query'))
      const abort = new AbortController()
      process.once('SIGINT', () => abort.abort())
      try {
        const answer = await access.client.run('query', { sql }, abort.signal)
        if (isPlan(sql) && !options.json && !options.csv) await writePlan(answer)
        else await writeRows(answer, options.json ? 'json' : options.csv ? 'csv' : 'table')
        if (answer.truncated) say(`storepulse: only the first ${answer.rows.length} rows are shown`)
      } finally {
        await access.close()
      }
    })
}
