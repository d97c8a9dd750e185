import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { describeUser, openOwned, replayStation } from '../../host/public.ts'
import { type CommonOptions, readContext, readInstant, withCommonOptions } from '../context.ts'
import { createProgressLine, say, writeJson, writeOut } from '../output.ts'
import { formatCount } from '../terminal/number-text.ts'

interface ReplayOptions extends CommonOptions {
  readonly from?: string
  readonly until?: string
  readonly speed?: string
  readonly apply?: boolean
  readonly json?: boolean
}

/** Beyond every instant a window can have. */
const latestMs = 8_640_000_000_000

function readSpeed(text: string | undefined): number {
  if (text === undefined) return 0
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw new Fault('usage', `--speed takes a number above 0, not "${text}"`, { domain: 'user' })
}

/** `storepulse replay`: the table once more, from the log. */
export function addReplayCommand(program: Command): void {
  withCommonOptions(
    program.command('replay').description('recompute the table from the log and compare it with the stored one'),
  )
    .option('--from <time>', 'compare windows from this instant on')
    .option('--until <time>', 'compare windows that start before this instant')
    .option('--speed <n>', 'let append times go by at n times real time; default: as fast as possible')
    .option('--apply', 'put the recomputed table in the place of the stored one')
    .option('--json', 'print the result as one JSON object')
    .action(async (options: ReplayOptions) => {
      const inputs = readContext(options, 'replay')
      const fromMs = options.from === undefined ? 0 : readInstant('--from', options.from)
      const untilMs = options.until === undefined ? latestMs : readInstant('--until', options.until)
      const speed = readSpeed(options.speed)
      const abort = new AbortController()
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
      const owned = await openOwned(inputs)
      const progress = createProgressLine(() => inputs.clock.monotonicMs())
      try {
        const report = await replayStation(owned.station, inputs, {
          fromMs,
          untilMs,
          speed,
          isApplied: options.apply ?? false,
          who: describeUser(),
          onProgress: (share) => progress.show(`replaying: ${Math.round(share * 100)} %`),
          signal: abort.signal,
        })
        progress.end()
        if (abort.signal.aborted) throw new Fault('cancelled', 'the replay was cancelled', { domain: 'user' })
        for (const difference of report.differences) say(difference)
        const { windows, same, differs } = report
        if (options.json) await writeJson({ windows, same, differs })
        else
          await writeOut(
            `${formatCount(windows)} windows, ${formatCount(same)} the same, ${formatCount(differs)} differ\n`,
          )
        if (differs > 0 && !options.apply) process.exitCode = 1
      } finally {
        progress.end()
        await owned.close(0)
      }
    })
}
