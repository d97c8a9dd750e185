import type { Random } from '../../../core/base/random.ts'
import type { CrashPoint } from './point.ts'

/** A kill that is to happen: at a point, or at a random instant. */
export interface Kill {
  readonly point: CrashPoint | null
}

/** Room for the sale that closes all windows at the end. */
export const futureMs = 3_600_000
export const closingAheadMs = 1_800_000

/** First what only a beginning has, then what must come before the present does; last what needs something late. */
const occasions = ['first-start', 'idle', 'live', 'stop', 'readmission', 'asking-readmission'] as const

/** The kills of a round in an order in which each of them can happen, else at random. */
export function sortKills(kills: readonly Kill[], random: Random): readonly Kill[] {
  const orderOf = ({ point }: Kill): number => occasions.indexOf(point?.occasion ?? 'live')
  return kills
    .map((kill) => ({ kill, at: random.next() }))
    .sort((left, right) => orderOf(left.kill) - orderOf(right.kill) || left.at - right.at)
    .map(({ kill }) => kill)
}
