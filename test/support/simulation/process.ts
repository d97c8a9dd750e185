import type { Clock } from '../../../core/base/clock.ts'
import type { World } from './world.ts'

/**
 * A process of the simulated world. Once it is killed nothing that it waits for ever comes, so that no line of it has an
 * effect any more: that is what SIGKILL is.
 */
export interface SimulatedProcess {
  readonly name: string
  readonly isAlive: boolean
  /** The rule about the future that it was started with. */
  readonly futureMs: number
  readonly clock: Clock
  /** Resolves after that much time, unless the process is killed before. */
  hop(delayMs: number): Promise<void>
  /** Sleeps until then, until `signal` aborts, or until one calls what it has put among the `sleepers`. */
  rest(durationMs: number, signal?: AbortSignal, sleepers?: Set<() => void>): Promise<void>
  kill(why: string): void
  /** Resolves when it is killed, in the world outside of it. */
  readonly killed: Promise<void>
}

/** Resolves never. */
export const wait = <Result>(): Promise<Result> => new Promise<Result>(() => undefined)

export function createProcess(world: World, name: string): SimulatedProcess {
  const { scheduler } = world
  let isAlive = true
  let settleKilled = (): void => undefined
  const killed = new Promise<void>((resolve) => {
    settleKilled = resolve
  })
  const offsetMs = world.random.nextInt(1_000_000)

  const rest: SimulatedProcess['rest'] = (durationMs, signal, sleepers) =>
    new Promise((resolve) => {
      const finish = (): void => {
        cancel()
        sleepers?.delete(finish)
        signal?.removeEventListener('abort', finish)
        if (isAlive) resolve()
      }
      const cancel = scheduler.after(signal?.aborted ? 0 : durationMs, finish)
      sleepers?.add(finish)
      signal?.addEventListener('abort', finish, { once: true })
    })
  return {
    name,
    futureMs: world.rules.futureMs,
    get isAlive() {
      return isAlive
    },
    clock: { nowMs: () => world.nowMs(), monotonicMs: () => scheduler.nowMs + offsetMs, sleep: rest },
    rest,
    hop: (delayMs) =>
      new Promise((resolve) => {
        scheduler.after(delayMs, () => {
          if (isAlive) resolve()
        })
      }),
    kill(why) {
      if (!isAlive) return
      isAlive = false
      world.trace.note(scheduler.nowMs, name, `killed ${why}`)
      settleKilled()
    },
    killed,
  }
}
