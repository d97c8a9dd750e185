import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createRandom } from '../../core/base/random.ts'
import { runOwners } from '../support/crash/owners.ts'
import { runCampaign } from '../support/crash/campaign.ts'
import { buildPlantedCommand } from '../support/crash/planted-cli.ts'
import type { Place } from '../support/crash/points.ts'
import { countKills, sumCounts, type Tally } from '../support/crash/tally.ts'
import type { ClusterServers } from '../support/crash/cluster.ts'
import { startKafka } from '../support/services/kafka.ts'
import { createDatabase, startPostgres } from '../support/services/postgres.ts'

/**
 * `npm run kills -- --kills N [--seed S] [--where embedded|cluster] [--jobs N]`: kills the real `run` at random instants
 * and at every point of test/support/crash, starts it again, and compares what comes of it with the oracle. Prints kills by
 * point, starts, differences and seconds; ends with 1 where something differs.
 *
 * `npm run kills -- --where owners --rounds N`: starts several processes together on one data directory, N times.
 */

interface Servers {
  readonly make: () => ClusterServers
  stop(): Promise<void>
}

/** Servers of the run's own; each round gets a database and topics that nobody else has. */
async function startServers(): Promise<Servers> {
  const kafka = await startKafka()
  const postgres = await startPostgres()
  let databases = 0
  return {
    make() {
      databases += 1
      return { kafka, postgres: createDatabase(postgres, `kills_${databases}`) }
    },
    async stop() {
      await kafka.stop()
      await postgres.stop()
    },
  }
}

const noServers: Servers = {
  make() {
    throw new Error('no servers are started')
  },
  stop: async () => undefined,
}

const describeSpared = ({ spared }: Tally): string =>
  spared.size === 0 ? '' : ` (${[...spared].map(([name, count]) => `${name} ${count}`).join(', ')})`

function report(tally: Tally, where: Place, seconds: number): void {
  const byPoint = [...tally.kills].toSorted(([left], [right]) => (left < right ? -1 : 1))
  for (const [name, count] of byPoint) process.stdout.write(`${String(count).padStart(6)}  ${name}\n`)
  const random = tally.kills.get('random') ?? 0
  const kills = countKills(tally)
  process.stdout.write(
    `${where}: ${kills} SIGKILLs (${kills - random} at ${byPoint.length - 1} named points, ${random} at random instants), ` +
      `${tally.starts} starts, ${sumCounts(tally.spared)} not killed as meant${describeSpared(tally)}, ${tally.acknowledged} acknowledged records looked for, ` +
      `${tally.differences.length} differences, ${seconds.toFixed(0)} s\n`,
  )
  for (const difference of tally.differences.slice(0, 40)) process.stdout.write(`${difference}\n`)
}

async function contend(rounds: number, seed: number): Promise<number> {
  const startedMs = performance.now()
  const { acknowledged, differences, owners, waitsMs, ...tally } = await runOwners(rounds, createRandom(seed, 'owners'))
  const sorted = waitsMs.toSorted((left, right) => left - right)
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)
  process.stdout.write(
    `${tally.rounds} rounds: owned by run ${owners.run}, by serve ${owners.serve}, by none ${owners.none}; ` +
      `${sorted.length} attached or refused after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${at(1)} ms; ` +
      `${acknowledged} acknowledged records looked for, ${differences.length} differences, ` +
      `${((performance.now() - startedMs) / 1_000).toFixed(0)} s\n`,
  )
  for (const difference of differences.slice(0, 40)) process.stdout.write(`${difference}\n`)
  return differences.length === 0 ? 0 : 1
}

export async function runKills(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      where: { type: 'string', default: 'embedded' },
      jobs: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '100' },
    },
  })
  if (values.where === 'owners') return await contend(Number(values.rounds), Number(values.seed))
  const where: Place = values.where === 'cluster' ? 'cluster' : 'embedded'
  const startedMs = performance.now()
  const command = await buildPlantedCommand()
  const servers = where === 'cluster' ? await startServers() : noServers
  try {
    const tally = await runCampaign({
      where,
      kills: Number(values.kills),
      seed: Number(values.seed),
      jobs: Number(values.jobs),
      program: command.program,
      makeServers: servers.make,
      onRound: (soFar, seconds) =>
        process.stderr.write(
          `${countKills(soFar)} kills, ${soFar.differences.length} differences; the round took ${seconds.toFixed(0)} s\n`,
        ),
    })
    report(tally, where, (performance.now() - startedMs) / 1_000)
    return tally.differences.length === 0 ? 0 : 1
  } finally {
    await servers.stop()
    rmSync(command.folder, { recursive: true, force: true })
  }
}
