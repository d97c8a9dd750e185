import type { Board } from '../../core/protocol/board.ts'
import { type Figure, makeHome, readBoards, run } from './measure.ts'

const isExact = ({ records: { received, counted, late, duplicate, invalid, tombstone } }: Board): boolean =>
  received === counted + late + duplicate + invalid + tombstone

/** P3, P4, P5: everything local at a rate, for a while: latency from event to commit, lag, memory, identity. */
export async function benchLive(rate: number, seconds: number, stores: number): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  try {
    const settings = ['--set', `generator.rate=${rate}`, '--set', `generator.stores=${stores}`]
    const ran = await run(home, ['run', '--duration', `${seconds}s`, '--json', ...settings])
    const boards = readBoards(ran)
    const last = boards.at(-1)
    const live = boards.filter(({ state }) => state !== 'stopped')
    const settled = live.slice(Math.floor(live.length / 2))
    const largest = (read: (board: Board) => number | null): number =>
      Math.max(0, ...settled.map((board) => read(board) ?? 0))
    const bench = `live ${rate}/s, ${stores} stores, ${seconds} s`
    const figure = (what: string, value: number, unit: string): Figure => ({ bench, what, value, unit })
    return [
      figure('received', (last?.records.received ?? 0) / seconds, 'records/s'),
      figure('event → commit, p50', settled.at(-1)?.latencyMs.p50 ?? 0, 'ms'),
      figure('event → commit, p99', settled.at(-1)?.latencyMs.p99 ?? 0, 'ms'),
      figure(
        'lag, largest in the second half',
        largest(({ lag }) => lag.seconds),
        's',
      ),
      figure(
        'memory, largest in the second half',
        largest(({ process }) => process.rssBytes / 1_048_576),
        'MiB',
      ),
      figure('processor, last', settled.at(-1)?.process.cpuPercent ?? 0, '% of a core'),
      figure('identity exact in every board', boards.every(isExact) ? 1 : 0, '1 = yes'),
    ]
  } finally {
    remove()
  }
}
