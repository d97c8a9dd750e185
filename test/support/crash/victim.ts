import { setTimeout as sleep } from 'node:timers/promises'
import { type Finished, startStorepulse, type Started } from '../storepulse.ts'
import { type Fate, fateEnvironment } from './point.ts'

/** How a process is to be killed: at a point by itself, or from outside some time after its start. */
export type Death = Fate | { readonly afterMs: number }

export const isFate = (death: Death): death is Fate => 'point' in death

export interface VictimOptions {
  readonly program?: string
  readonly home: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

export interface Victim extends Started {
  /** Kills it from outside, now. */
  kill(): void
  /** Resolves with true once it has said a first word, false when it ended without. */
  readonly spoke: Promise<boolean>
  /** How it ended: by its own point, killed from outside, or by itself. */
  readonly end: Promise<{ readonly by: 'point' | 'outside' | 'itself'; readonly finished: Finished }>
}

/** A process that never came by its point is killed after so long. */
export const mostMs = 15_000

/** Starts a command that is to be killed, or, without a death, is to end by itself. */
export function startVictim(args: readonly string[], death: Death | null, options: VictimOptions): Victim {
  const fate = death && isFate(death) ? fateEnvironment(death) : {}
  const started = startStorepulse(args, { ...options, environment: { ...options.environment, ...fate } })
  const over = new AbortController()
  let isKilled = false
  const kill = (): void => {
    isKilled = started.process.kill('SIGKILL')
  }
  const killLater = async (afterMs: number): Promise<void> => {
    try {
      await sleep(afterMs, undefined, { signal: over.signal })
    } catch {
      return
    }
    kill()
  }
  if (death) void killLater(isFate(death) ? mostMs : death.afterMs)
  const end = started.finished.then((finished) => {
    over.abort()
    const wasKilled = started.process.signalCode === 'SIGKILL'
    if (!wasKilled) return { by: 'itself', finished } as const
    return { by: isKilled ? 'outside' : 'point', finished } as const
  })
  const spoke = new Promise<boolean>((resolve) => {
    started.process.stdout?.once('data', () => resolve(true))
    started.process.once('close', () => resolve(false))
  })
  return { ...started, kill, spoke, end }
}

/** Runs a command to its end. @throws Error with what it said when it failed */
export async function runWell(args: readonly string[], options: VictimOptions): Promise<Finished> {
  const { end } = startVictim(args, null, options)
  const { finished } = await end
  if (finished.code === 0) return finished
  throw new Error(`storepulse ${args[0] ?? ''} ended with ${String(finished.code)}: ${finished.stderr.slice(-2_000)}`)
}
