import type { Death, Victim } from './victim.ts'
import { isFate } from './victim.ts'

/** What a campaign of kills came to. */
export interface Tally {
  /** Kills by the name of the point; those at random instants under `random`. */
  readonly kills: Map<string, number>
  starts: number
  /** Processes that did not die as they were to, by the name of what they did not come by in time. */
  readonly spared: Map<string, number>
  /** Records that a command had said were there, each looked for afterwards. */
  acknowledged: number
  readonly differences: string[]
}

export const createTally = (): Tally => ({
  kills: new Map(),
  starts: 0,
  spared: new Map(),
  acknowledged: 0,
  differences: [],
})

export const sumCounts = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)

export const countKills = ({ kills }: Tally): number => sumCounts(kills)

const addOne = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)

/** Waits for the end and counts it. True when the process died as it was to. */
export async function noteDeath(tally: Tally, victim: Victim, death: Death): Promise<boolean> {
  const { by, finished } = await victim.end
  tally.starts += 1
  if (by === 'itself' && finished.code !== 0) {
    tally.differences.push(`a process gave up with ${String(finished.code)}: ${finished.stderr.slice(-1_000)}`)
  }
  const meant = isFate(death) ? death.point : 'random'
  if (by !== 'itself') addOne(tally.kills, by === 'point' ? meant : 'random')
  const isAsMeant = isFate(death) ? by === 'point' : by === 'outside'
  if (!isAsMeant) addOne(tally.spared, meant)
  return isAsMeant
}
