import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../../core/base/random.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { openSegmentLog } from '../../../core/log/segment/segment-log.ts'
import { openDuckdbWarehouse } from '../../../core/warehouse/duckdb/duckdb-warehouse.ts'
import { findDifferences } from './compare.ts'
import { findLost, type Known, partitions, readLogTruth } from './embedded-truth.ts'
import { makeEvents } from './events.ts'
import { closingAheadMs, futureMs, type Kill, sortKills } from './kill.ts'
import type { Occasion } from './point.ts'
import { noteDeath, type Tally } from './tally.ts'
import { type Death, isFate, mostMs, runWell, startVictim, type Victim, type VictimOptions } from './victim.ts'

/** The past that is in the log before the first process starts: old enough to be closed by the clock. */
const pastMs = Date.UTC(2025, 0, 6)
const pastRecords = 1_200
export const warehouseFile = join('warehouse', 'warehouse.db')
export const rules = ['--set', `events.futureMs=${futureMs}`, '--set', 'log.retentionMs=0']

/** Everything small and often, so that a kill falls anywhere. */
const paces = [
  'pipeline.epochMs=5',
  'pipeline.epochRecords=50',
  'pipeline.snapshotMs=100',
  'generator.rate=200',
  'generator.disorder.late=0.06',
  'generator.disorder.duplicate=0.06',
  'generator.disorder.invalid=0.04',
].flatMap((setting) => ['--set', setting])

/** What a small segment is takes the planted command. */
const smallSegments = ['--set', 'log.segmentBytes=8192']

/** A data directory whose processes are killed, and what is known of it from outside. */
export interface Site extends Known {
  readonly home: string
  readonly options: VictimOptions
  readonly isPlanted: boolean
  /** Lines that an import has said are in the log. */
  readonly acknowledged: string[]
  imports: number
}

export async function layOut(seed: number, program: string | null): Promise<Site> {
  const home = mkdtempSync(join(tmpdir(), 'storepulse-crash-'))
  const past = makeEvents(seed, pastMs, pastRecords)
  const log = await openSegmentLog({ directory: join(home, 'log'), partitions, segmentBytes: 65_536 })
  await log.append(past, { appendedAtMs: past.map(({ sentAtMs }) => sentAtMs), origin: 'import' })
  await log.close()
  const options = { home, ...(program === null ? {} : { program }) }
  return { home, past, options, isPlanted: program !== null, acknowledged: [], imports: 0 }
}

const argumentsOf = (site: Site, ...more: readonly string[]): readonly string[] => [
  'run',
  '--json',
  ...rules,
  ...paces,
  ...(site.isPlanted ? smallSegments : []),
  ...more,
]
const noIdle = ['--set', 'window.idleMs=0']
const soonIdle = ['--no-generator', '--set', 'window.idleMs=100']

/** Sales of ids of their own, some of them of the past, so that they are late. */
export function makeLines(site: Site, nowMs: number): readonly string[] {
  site.imports += 1
  return Array.from({ length: 30 }, (_, index) =>
    JSON.stringify({
      transaction_id: `import-${site.imports}-${index}`,
      store_id: 1 + (index % 5),
      customer_id: `customer-${(site.imports * 7 + index * 3) % 41}`,
      event_time: index % 6 === 0 ? pastMs + index * 1_000 : nowMs - index * 500,
      final_amount: (site.imports * 37 + index * 113) / 100,
    }),
  )
}

/** Imports lines beside whatever runs; what it has acknowledged must be there for ever. */
export async function importLines(site: Site, lines: readonly string[]): Promise<boolean> {
  const args = ['import', '-', '--topic', 'retail-transactions', '--json']
  const { end } = startVictim(args, null, { ...site.options, input: `${lines.join('\n')}\n` })
  const { finished } = await end
  if (finished.code === 0) site.acknowledged.push(...lines)
  return finished.code === 0
}

/** Lets one process die at work. */
async function killLive(site: Site, death: Death, tally: Tally): Promise<boolean> {
  return await noteDeath(tally, startVictim(argumentsOf(site, ...noIdle), death, site.options), death)
}

/** Lets one die some time after an import beside it has begun. */
async function killImporting(site: Site, afterMs: number, tally: Tally): Promise<boolean> {
  const victim = startVictim(argumentsOf(site, ...noIdle), { afterMs: mostMs }, site.options)
  if (await victim.spoke) {
    const importing = importLines(site, makeLines(site, Date.now()))
    await Promise.race([importing, sleep(afterMs)])
    victim.kill()
    await importing
  }
  return await noteDeath(tally, victim, { afterMs })
}

const start = (site: Site, death: Death, ...more: readonly string[]): Victim =>
  startVictim(argumentsOf(site, ...more), death, site.options)

/** Asks for some late sales to count after all. False when there are none. */
async function readmitSome(site: Site, death: Death | null): Promise<Victim | null> {
  const { stdout } = await runWell(['late', 'list', '--json', '--limit', '400'], site.options)
  const entries = stdout.split('\n').filter((line) => line !== '')
  const open = entries
    .map((line) => JSON.parse(line) as { readonly ref: string; readonly readmittedAt: string | null })
    .filter(({ readmittedAt }) => readmittedAt === null)
  if (open.length === 0) return null
  const refs = open.slice(0, 5).map(({ ref }) => ref)
  return startVictim(['late', 'readmit', ...refs], death, site.options)
}

type WayToDie = (site: Site, death: Death, tally: Tally) => Promise<boolean>

/** How a process is brought to a point. */
const ways: Readonly<Record<Occasion, WayToDie>> = {
  'first-start': (site, death, tally) => noteDeath(tally, start(site, death, ...noIdle, '--no-generator'), death),
  idle: (site, death, tally) => noteDeath(tally, start(site, death, ...soonIdle, '--duration', '12s'), death),
  live: (site, death, tally) => killLive(site, death, tally),
  stop: (site, death, tally) => noteDeath(tally, start(site, death, ...noIdle, '--duration', '500ms'), death),
  async readmission(site, death, tally) {
    await (await readmitSome(site, null))?.finished
    return await killLive(site, death, tally)
  },
  async 'asking-readmission'(site, death, tally) {
    const victim = await readmitSome(site, death)
    return victim !== null && (await noteDeath(tally, victim, death))
  },
}

/** Lets everything be counted and closes all windows with one last sale. */
export async function catchUp(site: Site): Promise<void> {
  const run = ['run', '--json', '--until-caught-up', ...rules]
  await runWell(run, site.options)
  const closing = {
    transaction_id: 'import-last',
    store_id: 1,
    customer_id: 'last',
    event_time: Date.now() + closingAheadMs,
  }
  if (!(await importLines(site, [JSON.stringify({ ...closing, final_amount: 1 })]))) throw new Error('no last import')
  await runWell(run, site.options)
}

/** Compares what is there with what must be; nothing may run meanwhile. */
export async function compareSite(site: Site): Promise<readonly string[]> {
  const warehouse = await openDuckdbWarehouse({ file: join(site.home, warehouseFile), sketch: windowSketch })
  try {
    const truth = await readLogTruth(join(site.home, 'log'), await warehouse.listIdleEpochs(0))
    const aside = readdirSync(join(site.home, dirname(warehouseFile))).filter(
      (name) => !/^(warehouse\.db(\.wal)?|snapshots)$/.test(name),
    )
    return [
      ...aside.map((name) => `the warehouse was moved aside: ${name}`),
      ...truth.damage,
      ...(await findDifferences(warehouse, truth)),
      ...findLost(site, truth),
    ]
  } finally {
    await warehouse.close()
  }
}

export async function settle(site: Site, tally: Tally): Promise<void> {
  await catchUp(site)
  tally.starts += 2
  tally.differences.push(...(await compareSite(site)))
  tally.acknowledged += site.acknowledged.length
}

/**
 * Fills a data directory, lets its processes die one after the other, and compares what the last one leaves.
 *
 * @param program the planted command; null for the one that is shipped, which knows no points
 */
export async function runEmbeddedRound(
  kills: readonly Kill[],
  program: string | null,
  random: Random,
  tally: Tally,
): Promise<void> {
  const site = await layOut(1 + random.nextInt(1_000_000), program)
  try {
    for (const [index, kill] of sortKills(kills, random).entries()) await carryOut(site, kill, random, tally, index)
    await settle(site, tally)
  } finally {
    rmSync(site.home, { recursive: true, force: true })
  }
}

async function carryOut(site: Site, { point }: Kill, random: Random, tally: Tally, index: number): Promise<void> {
  if (point === null) {
    const afterMs = 100 + random.nextInt(1_400)
    if (index % 3 === 0) await killImporting(site, afterMs, tally)
    else await killLive(site, { afterMs }, tally)
    return
  }
  const death = { point: point.name, nth: 1 + random.nextInt(point.often) }
  if (await ways[point.occasion](site, death, tally)) return
  if (isFate(death) && death.nth > 1) await ways[point.occasion](site, { ...death, nth: 1 }, tally)
}
