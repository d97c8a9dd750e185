import { type Command, Option } from 'commander'
import { Fault } from '../../base/fault.ts'
import {
  formatLines,
  generate,
  type GenerateRequest,
  noteInTrail,
  openAccess,
  type OpenInputs,
  openSender,
  parseDisorder,
  parseTopic,
  readGeneratorOptions,
} from '../../host/public.ts'
import { type CommonOptions, readContext, readCount, readDuration, readInstant, withCommonOptions } from '../context.ts'
import { type Appended, countAppended } from '../appended.ts'
import { createProgressLine, say, writeOut } from '../output.ts'
import { formatCount } from '../terminal/number-text.ts'

interface GenerateOptions extends CommonOptions {
  readonly topic: readonly string[]
  readonly rate?: string
  readonly stores?: string
  readonly seed?: string
  readonly duration?: string
  readonly count?: string
  readonly to: string
  readonly disorder?: string
  readonly from?: string
  readonly until?: string
  readonly realtime?: boolean
}

/** Where virtual time starts unless --from says otherwise: a Monday. */
const virtualStartMs = Date.UTC(2025, 0, 6)

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]

/** Options that are settings under another name. */
function readFlags(options: GenerateOptions): readonly string[] {
  const flags: string[] = []
  if (options.rate !== undefined) flags.push(`generator.rate=${options.rate}`)
  if (options.stores !== undefined) flags.push(`generator.stores=${options.stores}`)
  if (options.seed !== undefined) flags.push(`generator.seed=${options.seed}`)
  return flags
}

function readDisorder(text: string | undefined): GenerateRequest['options']['disorder'] | null {
  if (text === undefined) return null
  const parsed = parseDisorder(text)
  if (parsed.ok) return parsed.disorder
  throw new Fault('usage', `--disorder: ${parsed.message}`, { domain: 'user' })
}

function planRequest(options: GenerateOptions, inputs: OpenInputs): GenerateRequest {
  const topics = options.topic.flatMap((name) => parseTopic(name) ?? [])
  const settings = readGeneratorOptions(inputs.settings)
  const disorder = readDisorder(options.disorder)
  // A rate asked for together with topics is the rate of these topics alone.
  const shared = options.rate !== undefined && topics.length > 0 ? settings.rate / topics.length : null
  const rates =
    shared === null
      ? settings.rates
      : { ...settings.rates, ...Object.fromEntries(topics.map((topic) => [topic, shared])) }
  const isVirtual = options.from !== undefined || options.to === 'stdout' || options.count !== undefined
  const fromMs =
    options.from === undefined
      ? isVirtual
        ? virtualStartMs
        : inputs.clock.nowMs()
      : readInstant('--from', options.from)
  const durationMs = options.duration === undefined ? null : readDuration('--duration', options.duration)
  const untilMs = options.until === undefined ? null : readInstant('--until', options.until)
  if (untilMs !== null && untilMs <= fromMs)
    throw new Fault('usage', '--until must be after --from', { domain: 'user' })
  return {
    options: { ...settings, rates, ...(disorder === null ? {} : { disorder }) },
    topics,
    fromMs,
    untilMs: untilMs ?? (durationMs === null ? null : fromMs + durationMs),
    count: options.count === undefined ? null : readCount('--count', options.count),
    isPaced: options.realtime ?? !isVirtual,
  }
}

async function noteGenerated(appended: Appended, where: string, inputs: OpenInputs): Promise<void> {
  if (appended.total === 0) return
  const detail = `to ${where}: ${appended.describeTopics()}`
  await noteInTrail(inputs, { action: 'generated', subject: appended.describeTotal(), detail })
}

async function generateToLog(request: GenerateRequest, inputs: OpenInputs, signal: AbortSignal): Promise<void> {
  const access = await openAccess(inputs)
  const progress = createProgressLine(() => inputs.clock.monotonicMs())
  const appended = countAppended()
  try {
    for await (const chunk of generate(request, inputs.clock, signal)) {
      await access.append(chunk)
      appended.note(chunk)
      progress.show(appended.describeTotal())
    }
    await access.sync()
  } finally {
    progress.end()
    await access.close()
    await noteGenerated(appended, `the log of profile ${inputs.profile}`, inputs)
  }
  await writeOut(`appended ${formatCount(appended.total)} records\n`)
}

async function generateToKafka(request: GenerateRequest, inputs: OpenInputs, signal: AbortSignal): Promise<void> {
  const sender = await openSender(inputs, (reason) =>
    say(reason === null ? 'sending goes on' : `sending waits: ${reason}`),
  )
  const progress = createProgressLine(() => inputs.clock.monotonicMs())
  const sent = countAppended()
  try {
    for await (const chunk of generate(request, inputs.clock, signal)) {
      await sender.send(chunk, signal)
      if (signal.aborted) break
      sent.note(chunk)
      progress.show(sent.describeTotal())
    }
  } finally {
    progress.end()
    await sender.close()
    await noteGenerated(sent, inputs.settings.text('kafka.brokers'), inputs)
  }
  await writeOut(`sent ${formatCount(sent.total)} records\n`)
}

/** `storepulse generate`: events of the retail world, to standard output, the log, or the topics of a cluster. */
export function addGenerateCommand(program: Command): void {
  withCommonOptions(
    program
      .command('generate')
      .description('make events: in virtual time as fast as they are taken, or paced by the clock'),
  )
    .option('--topic <topic>', 'only this topic (repeatable)', collect, [])
    .option('--rate <n>', 'events per second over the topics asked for')
    .option('--stores <n>', 'number of stores')
    .option('--seed <n>', 'seed of the retail world')
    .option('--duration <time>', 'stretch of time to make, such as 1h')
    .option('--count <n>', 'number of records to make')
    .addOption(new Option('--to <where>', 'where they go').choices(['log', 'kafka', 'stdout']).default('log'))
    .option('--disorder <shares>', 'late=0.02,duplicate=0.01,invalid=0.01 …')
    .option('--from <time>', 'first instant of virtual time (default 2025-01-06T00:00:00Z)')
    .option('--until <time>', 'end of virtual time')
    .option('--realtime', 'pace virtual time by the clock')
    .action(async (options: GenerateOptions) => {
      const inputs = readContext(options, 'generate', readFlags(options))
      const request = planRequest(options, inputs)
      const abort = new AbortController()
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
      if (options.to === 'log') {
        await generateToLog(request, inputs, abort.signal)
        return
      }
      if (options.to === 'kafka') {
        await generateToKafka(request, inputs, abort.signal)
        return
      }
      let written = 0
      for await (const chunk of generate(request, inputs.clock, abort.signal)) {
        await writeOut(formatLines(chunk, request.topics))
        written += chunk.length
      }
      if (process.stdout.isTTY) say(`${formatCount(written)} records`)
    })
}
