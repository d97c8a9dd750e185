import type { Clock } from '../base/clock.ts'
import type { OwnedDirectory } from '../host/public.ts'
import type { Settings } from '../settings/settings.ts'
import { createProgressLine } from './output.ts'

/** What a timer can wait at most, about 25 days; what has no end is ended by a signal long before. */
export const longestTimerMs = 2 ** 31 - 1
/** A graceful stop takes at most this long for what is still uncommitted. */
export const drainMs = 3_000
/** How much past a first start makes for itself. */
export const firstPastMs = 86_400_000

/** Whether the settings ask for events of our own. */
export const hasOwnEvents = (settings: Settings): boolean =>
  settings.flag('generator.enabled') && settings.number('generator.rate') > 0

/** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
export function watchForEnd(): { readonly signal: AbortSignal; close(): void } {
  const abort = new AbortController()
  const end = (): void => abort.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, end)
  return {
    signal: abort.signal,
    close: () => {
      for (const name of signals) process.off(name, end)
    },
  }
}

/** Rejects when `work` does, and else stays as it is: for a race that something only loses by failing. */
export const untilFailed = (work: Promise<unknown>): Promise<never> =>
  new Promise((_, reject) => {
    work.catch(reject)
  })

/** Makes the past up to now, with progress on a terminal. Returns the instant at which live events go on. */
export async function makePast(
  durationMs: number,
  { station }: OwnedDirectory,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const progress = createProgressLine(() => clock.monotonicMs())
  try {
    return await station.past.make(
      durationMs,
      (share) => progress.show(`making the past: ${Math.round(share * 100)} %`),
      signal,
    )
  } finally {
    progress.end()
  }
}
