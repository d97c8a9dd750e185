import { type Command, Option } from 'commander'
import { Fault } from '../../base/fault.ts'
import { type CustomerType, customerTypes, type OutputMode, outputModes, runParity } from '../../host/parity.ts'
import { type CommonOptions, readContext, readDuration, withCommonOptions } from '../context.ts'
import { createProgressLine, writeJson, writeOut } from '../output.ts'
import { formatCount } from '../terminal/number-text.ts'
import { watchForEnd } from '../running.ts'
import { describeDifference, describeReport, hasFailed, listDetails } from './parity-report.ts'

interface ParityOptions extends CommonOptions {
  readonly checkpoint?: string
  readonly batches?: string
  readonly table?: string
  readonly customerType: CustomerType
  readonly mode?: OutputMode
  readonly conf: readonly string[]
  readonly maxFuture?: string
  readonly json?: boolean
}

const refuse = (message: string, hint?: string): Fault =>
  new Fault('usage', message, { domain: 'user', ...(hint === undefined ? {} : { hint }) })

function readSource({ batches, checkpoint }: ParityOptions) {
  if (checkpoint !== undefined && batches === undefined) return { kind: 'checkpoint', path: checkpoint } as const
  if (batches !== undefined && checkpoint === undefined) return { kind: 'list', path: batches } as const
  throw refuse('parity takes --checkpoint or --batches, one of them', 'say where the query’s batches are written down')
}

const allowMultiple = 'spark.sql.streaming.statefulOperator.allowMultiple'

/** The one setting of Spark's that results depend on and no checkpoint has. */
function readConf(pairs: readonly string[]): boolean | null {
  let allows: boolean | null = null
  for (const pair of pairs) {
    const match = /^([^=]+)=(true|false)$/.exec(pair)
    if (match?.[1] !== allowMultiple) throw refuse(`--conf takes ${allowMultiple}=true or false, not "${pair}"`)
    allows = match[2] === 'true'
  }
  return allows
}

async function compare(options: ParityOptions): Promise<void> {
  const source = readSource(options)
  const allowsMultiple = readConf(options.conf)
  const maxFutureMs = options.maxFuture === undefined ? null : readDuration('--max-future', options.maxFuture)
  const inputs = readContext(options, 'parity')
  const progress = createProgressLine(() => inputs.clock.monotonicMs())
  const end = watchForEnd()
  try {
    const report = await runParity(inputs, {
      source,
      table: options.table ?? null,
      customerType: options.customerType,
      mode: options.mode ?? null,
      allowsMultiple,
      maxFutureMs,
      onProgress: (records) => progress.show(`replaying: ${formatCount(records)} records`),
      signal: end.signal,
    })
    progress.end()
    if (options.json) {
      for (const detail of listDetails(report)) await writeJson(detail)
      await writeJson(report.counts)
    } else {
      await writeOut(
        `${[...report.differences.slice(0, 50).map(describeDifference), ...describeReport(report)].join('\n')}\n`,
      )
    }
    if (hasFailed(report)) process.exitCode = 1
  } finally {
    progress.end()
    end.close()
  }
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]

/** `storepulse parity`: a Spark query's table against the same batches, counted by us. */
export function addParityCommand(program: Command): void {
  withCommonOptions(
    program
      .command('parity')
      .description('replay the batches of a Spark query and compare its table row by row; nothing is written'),
  )
    .option('--checkpoint <dir>', 'the query’s checkpoint, copied to or mounted on this computer')
    .option('--batches <file>', 'or a list of its batches, JSON lines: {"until":{"0":418,"1":417},"watermarkMs":0}')
    .option('--table <url|file>', 'its table: postgres://…, or a CSV, Parquet or DuckDB file (default: the profile’s)')
    .addOption(
      new Option('--customer-type <type>', 'type of the column whose distinct values are counted')
        .choices(customerTypes)
        .default('string'),
    )
    .addOption(
      new Option('--mode <mode>', 'the query’s output mode (default: the one that fits better)').choices(outputModes),
    )
    .option('--max-future <duration>', 'as the job was given: later events than their records were rejected')
    .option('--conf <name=value>', `${allowMultiple}=false, if it was set or Spark is older than 3.4`, collect, [])
    .option('--json', 'differences as one JSON object each, and the counts as the last')
    .addHelpText(
      'after',
      `
Lateness and window are those of the settings (window.latenessMs, window.sizeMs). Ends with 1 where a row is missing,
extra or differs, or a batch’s watermark is not explained by the records; rows that only records differ in which
Storepulse rejects are told apart.`,
    )
    .action(compare)
}
