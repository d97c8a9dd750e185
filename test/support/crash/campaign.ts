import type { Random } from '../../../core/base/random.ts'
import { createRandom } from '../../../core/base/random.ts'
import { type ClusterServers, runClusterRound } from './cluster.ts'
import { runEmbeddedRound } from './embedded.ts'
import type { Kill } from './kill.ts'
import { type Place, pointsOf } from './points.ts'
import { countKills, createTally, type Tally } from './tally.ts'

/** Kills of a round at random instants, beside one at each point. */
const randomKills = 16
/** Of so many rounds on this machine's disk one is of the command as it is shipped. */
const shippedOneIn = 4

export interface CampaignOptions {
  readonly where: Place
  readonly kills: number
  readonly seed: number
  /** Rounds at the same time. */
  readonly jobs: number
  /** The planted command. */
  readonly program: string
  /** Servers with an empty database, for a round over a cluster. */
  readonly makeServers: () => ClusterServers
  readonly onRound: (tally: Tally, seconds: number) => void
}

/** Every point once, and kills at random instants among them. */
export const listKills = (where: Place, atRandom: number): readonly Kill[] => [
  ...pointsOf(where).map((point) => ({ point })),
  ...Array.from({ length: atRandom }, () => ({ point: null })),
]

/** Adds what a round found to all. */
function addTally(to: Tally, from: Tally): void {
  for (const [name, count] of from.kills) to.kills.set(name, (to.kills.get(name) ?? 0) + count)
  to.starts += from.starts
  for (const [name, count] of from.spared) to.spared.set(name, (to.spared.get(name) ?? 0) + count)
  to.acknowledged += from.acknowledged
  to.differences.push(...from.differences)
}

async function runRound(options: CampaignOptions, round: number, random: Random): Promise<Tally> {
  const { makeServers, program, where } = options
  const tally = createTally()
  const kills = listKills(where, randomKills)
  try {
    if (where === 'cluster') await runClusterRound(kills, program, makeServers(), random, tally)
    else if (round % shippedOneIn !== shippedOneIn - 1) await runEmbeddedRound(kills, program, random, tally)
    else
      await runEmbeddedRound(
        kills.map(() => ({ point: null })),
        null,
        random,
        tally,
      )
  } catch (error) {
    tally.differences.push(`round ${round} broke off: ${error instanceof Error ? error.message : String(error)}`)
  }
  const name = `${where} round ${round}`
  return { ...tally, differences: tally.differences.map((difference) => `${name}: ${difference}`) }
}

/** Runs rounds until enough processes have been killed. The same seed draws the same kills. */
export async function runCampaign(options: CampaignOptions): Promise<Tally> {
  const total = createTally()
  let rounds = 0
  const work = async (): Promise<void> => {
    while (countKills(total) < options.kills) {
      const round = rounds
      rounds += 1
      const startedMs = performance.now()
      addTally(total, await runRound(options, round, createRandom(options.seed, `${options.where} ${round}`)))
      options.onRound(total, (performance.now() - startedMs) / 1_000)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work))
  return total
}
