import type { Command } from 'commander'
import { openAccess } from '../../host/public.ts'
import type { QueryAnswer, WireCell } from '../../protocol/commands.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { formatTable, say, writeJson, writeOut } from '../output.ts'

interface QueryCommandOptions extends CommonOptions {
  readonly json?: boolean
  readonly csv?: boolean
}

const showCell = (cell: WireCell): string => {
  if (cell === null) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

/** A cell that a spreadsheet would take for a formula is made plain text by a leading apostrophe; numbers are left alone. */
function quoteCsv(cell: WireCell): string {
  const text = showCell(cell)
  const isNumber = /^[-+]?\d+(\.\d+)?$/.test(text)
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
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
    const lines = [names.map(quoteCsv).join(','), ...answer.rows.map((row) => row.map(quoteCsv).join(','))]
    await writeOut(`${lines.join('\r\n')}\r\n`)
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
        await writeRows(answer, options.json ? 'json' : options.csv ? 'csv' : 'table')
        if (answer.truncated) say(`storepulse: only the first ${answer.rows.length} rows are shown`)
      } finally {
        await access.close()
      }
    })
}
