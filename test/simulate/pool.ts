import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundlePlanted } from '../support/planted-code.ts'
import type { SeedReport } from '../support/simulation/simulate-seed.ts'
import type { PlantedBug } from './planted-bugs.ts'

const entries = { 'run-seeds': 'test/simulate/run-seeds.ts' }

/** Seeds [from, from + seeds), dealt out to processes. */
export interface SeedsWanted {
  readonly from: number
  readonly seeds: number
  readonly processes: number
  readonly onReport: (report: SeedReport) => void
}

/** Lives `count` seeds in a process of its own. */
async function runProcess(
  folder: string,
  seeds: readonly [from: number, count: number, step: number],
  stopsAtFirst: boolean,
  onReport: (report: SeedReport) => void,
): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(folder, 'run-seeds.mjs'), ...seeds.map(String), ...(stopsAtFirst ? ['first'] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  for await (const line of createInterface({ input: child.stdout })) onReport(JSON.parse(line))
  const code = await ended
  if (code !== 0) throw new Error(`the process for the seeds ${seeds.join(', ')} ended with ${code}`)
}

async function withBundle<Result>(bug: PlantedBug | null, use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await bundlePlanted(entries, bug?.plantings ?? [])
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws when a process ends before its seeds do */
export const runSeeds = ({ from, onReport, processes, seeds }: SeedsWanted): Promise<void> =>
  withBundle(null, async (folder) => {
    const shares = Array.from({ length: Math.min(processes, seeds) }, (_, index) =>
      runProcess(folder, [from + index, Math.ceil((seeds - index) / processes), processes], false, onReport),
    )
    await Promise.all(shares)
  })

/** What it took to find a planted bug. */
export interface Catch {
  readonly bug: PlantedBug
  /** Seeds lived up to the one that showed it, or all of them. */
  readonly seeds: number
  /** The first thing that was wrong; null when nothing was. */
  readonly found: { readonly check: string; readonly message: string } | null
}

/** Lives seeds with a bug until one of them shows it. */
export const catchBug = (bug: PlantedBug, from: number, most: number): Promise<Catch> =>
  withBundle(bug, async (folder) => {
    let seeds = 0
    let found: Catch['found'] = null
    await runProcess(folder, [from, most, 1], true, ({ violations }) => {
      seeds += 1
      found = violations[0] ?? null
    })
    return { bug, seeds, found }
  })
