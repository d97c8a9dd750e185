import { takeOwnership } from '../pipeline/public.ts'
import { type OpenInputs, patienceMs, pauseMs, refuseOwned } from './open.ts'

/** Does something with the directory that nobody else may use meanwhile. @throws Fault `owned` as {@link openOwned} */
export async function withOwnership<Result>(
  { clock, paths }: Pick<OpenInputs, 'clock' | 'paths'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const untilMs = clock.monotonicMs() + patienceMs
  while (true) {
    const hold = await takeOwnership(paths)
    if (hold) {
      try {
        return await work()
      } finally {
        await hold.release()
      }
    }
    if (clock.monotonicMs() >= untilMs) throw await refuseOwned(paths)
    await clock.sleep(pauseMs)
  }
}
