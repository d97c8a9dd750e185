import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { Argument, type Command, Option } from 'commander'
import { describeError, Fault } from '../../base/fault.ts'
import {
  createExportFile,
  exportColumns,
  type ExportName,
  exportNames,
  openAccess,
  readExport,
  toFileCells,
} from '../../host/public.ts'
import type { WireCell } from '../../protocol/commands.ts'
import { makeVisible } from '../../protocol/visible-text.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { formatCsvLine } from '../csv.ts'
import { createProgressLine, say, writeCsv, writeJson } from '../output.ts'
import { formatCount } from '../terminal/number-text.ts'

const formats = ['csv', 'json', 'parquet'] as const
type Format = (typeof formats)[number]

interface ExportOptions extends CommonOptions {
  readonly format?: Format
  readonly out?: string
  readonly force?: boolean
}

type Rows = readonly (readonly WireCell[])[]

/** Where rows go. `end` makes them a whole file; `close` leaves nothing half done. */
interface Sink {
  write(rows: Rows): Promise<void>
  end(): Promise<void>
  close(): Promise<void>
}

const nothing = (): Promise<void> => Promise.resolve()

const toObject = (names: readonly string[], row: readonly WireCell[]): object =>
  Object.fromEntries(names.map((name, column) => [name, row[column] ?? null]))

function createOutputSink(names: readonly string[], format: Format): Sink {
  return {
    async write(rows) {
      if (format === 'csv') await writeCsv(rows)
      else for (const row of rows) await writeJson(toObject(names, row))
    },
    end: nothing,
    close: nothing,
  }
}

/** Lines in a file beside its place, moved there when they are all written. */
async function openLineSink(names: readonly string[], format: Format, path: string): Promise<Sink> {
  const part = `${path}.part`
  const file = await open(part, 'w')
  let isOpen = true
  const shut = async (): Promise<void> => {
    if (isOpen) await file.close()
    isOpen = false
  }
  const line = (row: readonly WireCell[]): string =>
    format === 'csv' ? formatCsvLine(row) : `${makeVisible(JSON.stringify(toObject(names, row)))}\n`
  return {
    write: async (rows) => void (await file.write(rows.map(line).join(''))),
    async end() {
      await file.sync()
      await shut()
      await rename(part, path)
    },
    async close() {
      await shut()
      await rm(part, { force: true })
    },
  }
}

async function openParquetSink(name: ExportName, path: string): Promise<Sink> {
  const file = await createExportFile(name, path)
  return {
    write: (rows) => file.append(rows.map(toFileCells)),
    end: () => file.finish(),
    close: () => file.close(),
  }
}

async function openSink(name: ExportName, format: Format, options: ExportOptions): Promise<Sink> {
  const { out } = options
  const names = exportColumns(name)
  if (out === undefined || out === '-') {
    if (format === 'parquet') {
      throw new Fault('usage', 'Parquet goes to a file', { domain: 'user', hint: 'name it with --out' })
    }
    return createOutputSink(names, format)
  }
  if (existsSync(out) && options.force !== true) {
    throw new Fault('usage', `${out} is there already`, { domain: 'user', hint: '--force writes over it' })
  }
  try {
    return await (format === 'parquet' ? openParquetSink(name, out) : openLineSink(names, format, out))
  } catch (error) {
    throw new Fault('input', `${out} cannot be written: ${describeError(error)}`, { domain: 'user', cause: error })
  }
}

/** The format that was asked for, else the one that the file's ending names, else CSV. */
function chooseFormat({ format, out }: ExportOptions): Format {
  if (format !== undefined) return format
  const ending = extname(out ?? '').toLowerCase()
  if (ending === '.parquet') return 'parquet'
  return ['.json', '.jsonl', '.ndjson'].includes(ending) ? 'json' : 'csv'
}

async function exportRows(name: ExportName, options: ExportOptions): Promise<void> {
  const inputs = readContext(options, `export ${name}`)
  const format = chooseFormat(options)
  const sink = await openSink(name, format, options)
  const progress = createProgressLine(() => inputs.clock.monotonicMs())
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort())
  let exported = 0
  try {
    const access = await openAccess(inputs)
    try {
      if (format === 'csv') await sink.write([exportColumns(name)])
      for await (const rows of readExport(name, (sql) => access.client.run('query', { sql }, abort.signal))) {
        await sink.write(rows)
        exported += rows.length
        progress.show(`${formatCount(exported)} rows`)
      }
      await sink.end()
    } finally {
      await access.close()
    }
  } finally {
    progress.end()
    await sink.close()
  }
  if (options.out !== undefined && options.out !== '-') say(`exported ${formatCount(exported)} rows to ${options.out}`)
}

/** `storepulse export`: the table, the late ledger or the quarantine as CSV, JSON lines or Parquet. */
export function addExportCommand(program: Command): void {
  withCommonOptions(
    program
      .command('export')
      .description('write the summary, the late ledger or the quarantine as CSV, JSON lines or Parquet')
      .addArgument(new Argument('<what>', 'what to write').choices([...exportNames])),
  )
    .addOption(new Option('--format <format>', 'default: what the file’s ending names, else csv').choices([...formats]))
    .option('--out <file>', 'the file; without it standard output')
    .option('--force', 'write over a file that is there')
    .action((name: ExportName, options: ExportOptions) => exportRows(name, options))
}
