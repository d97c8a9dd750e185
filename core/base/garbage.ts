import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Lets V8 give back what nobody holds any more, now. By itself it waits until it needs memory again: after a burst of
 * work followed by quiet that is hours. Stops this thread for some tens of milliseconds.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}
