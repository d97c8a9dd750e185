import type { Clock } from '../../base/clock.ts'
import { Fault, toFault } from '../../base/fault.ts'
import type { Board } from '../../protocol/board.ts'
import type { Host } from '../host.ts'

/** Reads the board for whoever asks from outside: at most one reading a second, however many ask. */
export type BoardReader = () => Promise<Board>

const freshMs = 1_000
const patienceMs = 2_000

/** @throws Fault from the reader: why there is no board, `timeout` after two seconds */
export function createBoardReader(host: Host, clock: Clock): BoardReader {
  let last: { readonly board: Promise<Board>; readonly atMs: number } | null = null

  const read = async (): Promise<Board> => {
    const abort = new AbortController()
    const tooLate = clock.sleep(patienceMs, abort.signal).then(() => {
      throw new Fault('timeout', 'the board was not drawn within two seconds', { retry: true })
    })
    // Once the board is there, nobody waits for the other any more.
    tooLate.catch(() => undefined)
    try {
      return await Promise.race([host.run('status', {}, abort.signal), tooLate])
    } catch (error) {
      throw toFault(error, 'the board could not be drawn')
    } finally {
      abort.abort()
    }
  }
  return () => {
    if (!last || clock.monotonicMs() - last.atMs >= freshMs) last = { board: read(), atMs: clock.monotonicMs() }
    return last.board
  }
}
