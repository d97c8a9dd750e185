import type { Command } from 'commander'
import { Fault, toFault } from '../../base/fault.ts'
import { openOwned, type OwnedDirectory, type OpenInputs } from '../../host/public.ts'
import { type CommonOptions, readContext, readDuration, withCommonOptions } from '../context.ts'
import { createBoardView } from '../board-view.ts'
import { say } from '../output.ts'
import { drainMs, hasOwnEvents, longestTimerMs, makePast, untilFailed, watchForEnd } from '../running.ts'

export interface RunOptions extends CommonOptions {
  readonly duration?: string
  readonly untilCaughtUp?: boolean
  readonly generator: boolean
  readonly backfill?: string
  readonly standby?: boolean
  readonly json?: boolean
}

/** What a run does, settled before anything is opened. */
export interface RunPlan {
  readonly durationMs: number | null
  readonly untilCaughtUp: boolean
  readonly hasGenerator: boolean
  /** Past to make before anything else; the log must be empty. */
  readonly backfillMs: number | null
  /** Past to make, as far as it is missing, while everything runs. */
  readonly backgroundPastMs: number | null
  /** Wait until whoever processes the same warehouse elsewhere is gone. */
  readonly standsBy: boolean
  /** Whether a database may be given its schema for the first time. */
  readonly migrates: boolean
  readonly isJson: boolean
}

/** @throws Fault `usage` for options that do not go together */
export function planRun(options: RunOptions, inputs: OpenInputs): RunPlan {
  const untilCaughtUp = options.untilCaughtUp ?? false
  if (untilCaughtUp && options.duration !== undefined) {
    throw new Fault('usage', '--duration and --until-caught-up do not go together', { domain: 'user' })
  }
  return {
    durationMs: options.duration === undefined ? null : readDuration('--duration', options.duration),
    untilCaughtUp,
    hasGenerator: options.generator && hasOwnEvents(inputs.settings) && !untilCaughtUp,
    backfillMs: options.backfill === undefined ? null : readDuration('--backfill', options.backfill),
    backgroundPastMs: null,
    standsBy: options.standby ?? false,
    migrates: true,
    isJson: options.json ?? false,
  }
}

/** Resolves when the run has a reason to end; rejects with the fault that ended the pipeline. */
async function waitForEnd(
  plan: RunPlan,
  owned: OwnedDirectory,
  inputs: OpenInputs,
  makingPast: Promise<void> | null,
  signal: AbortSignal,
): Promise<void> {
  // A timer left behind would keep the process alive long after everything is done.
  const ended = new AbortController()
  const ends: Promise<unknown>[] = [
    owned.station.finished,
    inputs.clock.sleep(plan.durationMs ?? longestTimerMs, AbortSignal.any([signal, ended.signal])),
  ]
  if (makingPast) ends.push(untilFailed(makingPast))
  if (plan.untilCaughtUp) ends.push(owned.station.waitUntilCaughtUp())
  try {
    await Promise.race(ends)
  } finally {
    ended.abort()
  }
}

/** Returns the instant at which live events begin. */
async function settlePast(
  plan: RunPlan,
  owned: OwnedDirectory,
  inputs: OpenInputs,
  signal: AbortSignal,
): Promise<number> {
  if (plan.backfillMs === null) return inputs.clock.nowMs()
  return makePast(plan.backfillMs, owned, inputs.clock, signal)
}

/** Owns the directory and runs until the plan, a signal of the system or a fault ends it. */
export async function carryOut(plan: RunPlan, inputs: OpenInputs): Promise<void> {
  const owned = await openOwned(inputs)
  const end = watchForEnd()
  const view = createBoardView(owned.client, { isJson: plan.isJson, monotonicMs: () => inputs.clock.monotonicMs() })
  try {
    const liveFromMs = await settlePast(plan, owned, inputs, end.signal)
    if (!end.signal.aborted) {
      const { backgroundPastMs, hasGenerator } = plan
      const makingPast = hasGenerator && backgroundPastMs !== null ? owned.station.goLive(backgroundPastMs) : null
      if (hasGenerator && !makingPast) owned.station.startGenerator(liveFromMs)
      makingPast?.catch(() => undefined)
      await owned.station.start({
        closesIdle: !plan.untilCaughtUp,
        standsBy: plan.standsBy,
        migrates: plan.migrates,
        onStandby: ({ command, processId }) => say(`storepulse: standing by for ${command} (process ${processId})`),
      })
      view.start()
      await waitForEnd(plan, owned, inputs, makingPast, end.signal)
    }
    await owned.station.stop(plan.untilCaughtUp ? 0 : drainMs)
    await view.finish(await owned.station.board())
  } catch (error) {
    view.close()
    throw toFault(error, 'the run failed')
  } finally {
    view.close()
    end.close()
    await owned.close(drainMs)
  }
}

/** `storepulse run`: the pipeline without a window. */
export function addRunCommand(program: Command): void {
  withCommonOptions(
    program.command('run').description('run the pipeline here: a live board on a terminal, else one line a second'),
  )
    .option('--duration <time>', 'stop after this long, such as 60s')
    .option('--until-caught-up', 'stop once everything in the log at the start is committed; implies --no-generator')
    .option('--no-generator', 'make no events')
    .option('--backfill <time>', 'first make the past, such as 24h; needs an empty log')
    .option('--standby', 'where another machine processes the same database: wait, and take over when it ends')
    .option('--json', 'one board a second and a last one, each a JSON object')
    .action(async (options: RunOptions) => {
      const inputs = readContext(options, 'run')
      await carryOut(planRun(options, inputs), inputs)
    })
}
