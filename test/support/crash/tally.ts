import type { Death, Victim } from './victim.ts'
import { isFate } from './victim.ts'

/** What a campaign of kills came to. */
export interface Tally {
  /** Kills by the name of the point; those at random instants under `random`. */
  readonly kills: Map<string, number>
  starts: number
  /** Processes that ended before they came by their point. */
  spared: number
  /** Records that a command had said were there, each looked for afterwards. */
  acknowledged: number
  readonly differences: string[]
}

export const createTally = (): Tally => ({
  kills: new Map(),
  starts: 0,
  spared: 0,
  acknowledged: 0,
  differences: [],
})

export const countKills = ({ kills }: Tally): number => [...kills.values()].reduce((sum, count) => sum + count, 0)

/** Waits for the end and counts it. True when the process died as it was to. */
export async function noteDeath(tally: Tally, victim: Victim, death: Death): Promise<boolean> {
  const { by, finished } = await victim.end
  tally.starts += 1
  if (by === 'itself' && finished.code !== 0) {
    tally.differences.push(`a process gave up with ${String(finished.code)}: ${finished.stderr.slice(-1_000)}`)
  }
  const name = by === 'point' && isFate(death) ? death.point : 'random'
  if (by !== 'itself') tally.kills.set(name, (tally.kills.get(name) ?? 0) + 1)
  const isAsMeant = isFate(death) ? by === 'point' : by === 'outside'
  if (!isAsMeant) tally.spared += 1
  return isAsMeant
}
