import { rmSync } from 'node:fs'
import type { Random } from '../../../core/base/random.ts'
import { importLines, layOut, makeLines, rules, settle, type Site } from './embedded.ts'
import { createTally } from './tally.ts'
import { startVictim, type Victim } from './victim.ts'

/** What came of processes that were started together on one data directory, again and again. */
export interface OwnersTally {
  rounds: number
  /** Rounds in which a `run` got the directory, a `serve`, or none of them within its patience. */
  readonly owners: { run: number; serve: number; none: number }
  /** What those took from their start that were refused, or served or answered what another one owns. */
  readonly waitsMs: number[]
  /** Records that an import beside them has acknowledged; all of them were there in the end, once. */
  acknowledged: number
  readonly differences: string[]
}

const ownedCode = 4
const paces = ['generator.rate=60', 'pipeline.epochMs=5', 'pipeline.snapshotMs=100', 'window.idleMs=0'].flatMap(
  (setting) => ['--set', setting],
)

interface Contender {
  readonly name: 'run' | 'serve' | 'status'
  readonly victim: Victim
  /** Resolves when it has said a first word or has ended: with whether it spoke, and after how long. */
  readonly settled: Promise<{ readonly spoke: boolean; readonly afterMs: number }>
}

function contend({ options }: Site, name: Contender['name'], ...more: readonly string[]): Contender {
  const startedMs = performance.now()
  const victim = startVictim([name, ...more, ...rules, ...paces], null, options)
  const settled = victim.spoke.then((spoke) => ({ spoke, afterMs: performance.now() - startedMs }))
  return { name, victim, settled }
}

/** Starts them at once, sees who gets the directory, and ends them: the owner orderly, or without warning. */
async function contendOnce(site: Site, signal: 'SIGTERM' | 'SIGKILL', tally: OwnersTally): Promise<void> {
  const runs = [contend(site, 'run', '--json'), contend(site, 'run', '--json')]
  const server = contend(site, 'serve', '--port', '0', '--no-generator')
  const asking = contend(site, 'status', '--json')
  const contenders = [...runs, server, asking]
  const importing = importLines(site, makeLines(site, Date.now()))
  const ends = await Promise.all(contenders.map(({ settled }) => settled))
  await importing
  const running = contenders.filter(({ name }, index) => name === 'run' && ends[index]?.spoke === true)
  for (const { victim } of running) victim.process.kill(signal)
  if (running.length > 0) await Promise.all(running.map(({ victim }) => victim.end))
  server.victim.process.kill(running.length > 0 ? 'SIGTERM' : signal)
  const finished = await Promise.all(contenders.map(async ({ victim }) => (await victim.end).finished))

  const shows = finished[contenders.indexOf(server)]?.stderr.includes('showing what process') ?? false
  const serves = ends[contenders.indexOf(server)]?.spoke === true
  if (running.length > 1) tally.differences.push('two of them ran at the same time')
  if (running.length === 1 && serves && !shows) tally.differences.push('one ran and one served as its owner')
  for (const [index, contender] of contenders.entries()) {
    const end = finished[index]
    const isRefused = end?.code === ownedCode && end.stderr.includes('owned by')
    if (!isRefused && end?.code !== 0 && end?.code !== null) {
      tally.differences.push(`${contender.name} ended with ${String(end?.code)}: ${end?.stderr.slice(0, 1_000) ?? ''}`)
    }
    const isOwner = running.includes(contender) || (contender === server && running.length === 0)
    if (!isOwner) tally.waitsMs.push(ends[index]?.afterMs ?? 0)
  }
  tally.owners[running.length > 0 ? 'run' : serves ? 'serve' : 'none'] += 1
  tally.rounds += 1
}

/**
 * Starts two `run`, a `serve`, a `status` and an import together on one data directory, so many times; then compares what
 * the log and the warehouse hold, which must be as if only one had ever been there.
 */
export async function runOwners(rounds: number, random: Random): Promise<OwnersTally> {
  const site = await layOut(1 + random.nextInt(1_000_000), null)
  const owners = { run: 0, serve: 0, none: 0 }
  const tally: OwnersTally = { rounds: 0, owners, waitsMs: [], acknowledged: 0, differences: [] }
  try {
    for (let round = 0; round < rounds; round += 1) {
      await contendOnce(site, round % 2 === 0 ? 'SIGTERM' : 'SIGKILL', tally)
    }
    const settled = createTally()
    await settle(site, settled)
    tally.differences.push(...settled.differences)
    tally.acknowledged = settled.acknowledged
    return tally
  } finally {
    rmSync(site.home, { recursive: true, force: true })
  }
}
