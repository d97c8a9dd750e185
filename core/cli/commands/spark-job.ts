import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { Fault } from '../../base/fault.ts'
import { type CommonOptions, findHome, readContext, withCommonOptions } from '../context.ts'
import { say, writeJson, writeOut } from '../output.ts'
import { composeSparkJob, type SparkJobCommand } from './spark-job-command.ts'

interface SparkJobCommandOptions extends CommonOptions {
  readonly mode: string
  readonly trigger: string
  readonly checkpoint?: string
  readonly master?: string
  readonly sparkVersion: string
  readonly json?: boolean
}

/** As a POSIX shell takes it for one word. */
const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** The command over several lines: one argument with its value a line. */
function formatCommand({ environment, command }: SparkJobCommand): string {
  const lines: string[] = []
  for (const [at, word] of command.entries()) {
    const isValue = command[at - 1]?.startsWith('--') === true
    if (isValue) lines.push(`${lines.pop() ?? ''} ${quote(word)}`)
    else lines.push(quote(word))
  }
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${quote(value)}`)
  return [...variables, ...lines].join(' \\\n  ')
}

async function printSparkJob(options: SparkJobCommandOptions): Promise<void> {
  if (!/^(\d+(ms|s|m|h)|available-now)$/.test(options.trigger)) {
    const message = `--trigger takes a duration such as 500ms, 30s or 5m, or available-now, not "${options.trigger}"`
    throw new Fault('usage', message, { domain: 'user' })
  }
  const { settings, profile } = readContext(options, 'spark-job')
  const composed = composeSparkJob(settings, process.env, {
    // Both the build in out/cli and the installed package have it two folders up.
    script: join(import.meta.dirname, '../../resources/spark/transactions_summary.py'),
    checkpoint: options.checkpoint ?? join(findHome(options), 'spark', profile),
    mode: options.mode,
    trigger: options.trigger,
    sparkVersion: options.sparkVersion,
    master: options.master ?? null,
  })
  if (options.json) {
    await writeJson(composed)
    return
  }
  await writeOut(`${formatCommand(composed)}\n`)
  if (composed.secrets.length > 0) say(`set before it, for they are secret: ${composed.secrets.join(', ')}`)
  for (const note of composed.notes) say(note)
  if (options.checkpoint === undefined && options.master !== undefined && !options.master.startsWith('local')) {
    say('on a cluster give --checkpoint a directory that every node reaches')
  }
}

/** `storepulse spark-job`: prints how to let Spark fill a profile's table. */
export function addSparkJobCommand(program: Command): void {
  withCommonOptions(
    program
      .command('spark-job')
      .description('print the command by which Spark counts what a profile reads, with our job'),
  )
    .addOption(
      new Option('--mode <mode>', 'rows once final, or at every change')
        .choices(['append', 'update'])
        .default('append'),
    )
    .option('--trigger <time>', 'how often: 500ms, 30s, 5m, or available-now', '5s')
    .option('--checkpoint <dir>', 'directory of the query’s progress (default: spark/ in the data directory)')
    .option('--master <url>', 'where Spark runs: local[2], spark://host:7077, yarn, k8s://…')
    .option('--spark-version <version>', 'version of Spark there', '4.2.0')
    .option('--json', 'print environment, secrets, command and notes as one JSON object')
    .action(printSparkJob)
}
