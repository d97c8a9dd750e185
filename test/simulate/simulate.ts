import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { describeError } from '../../core/base/fault.ts'
import type { SeedReport } from '../support/simulation/simulate-seed.ts'
import { catchBug, runSeeds } from './pool.ts'
import { plantedBugs } from './planted-bugs.ts'

const usage = `npm run simulate -- [--seeds N] [--from S] [--processes N]   lives N seeds from S on
npm run simulate -- --planted [NAME…] [--seeds N]            puts known bugs in and looks whether they are found
`

/** Seeds within which a planted bug has to show. */
export const seedsPerBug = 300

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Sums over seeds. */
interface Sums {
  seeds: number
  commits: number
  records: number
  processes: number
  readonly faults: Map<string, number>
  readonly failed: SeedReport[]
}

function describeFailure({ digest, logKind, seed, trace, violations }: SeedReport): string {
  const wrong = violations.map(({ check, message }) => `  ${check}: ${message}`)
  return [`seed ${seed} (${logKind} log, trace ${digest}):`, ...wrong, '  the end of its story:', ...trace].join('\n')
}

async function liveSeeds(from: number, seeds: number, processes: number): Promise<boolean> {
  const startedMs = performance.now()
  const secondsSince = (): string => ((performance.now() - startedMs) / 1_000).toFixed(0)
  const sums: Sums = { seeds: 0, commits: 0, records: 0, processes: 0, faults: new Map(), failed: [] }
  const every = Math.max(1, Math.floor(seeds / 20))
  await runSeeds({
    from,
    seeds,
    processes,
    onReport(report) {
      sums.seeds += 1
      sums.commits += report.commits
      sums.records += report.records
      sums.processes += report.processes
      for (const [name, count] of Object.entries(report.faults))
        sums.faults.set(name, (sums.faults.get(name) ?? 0) + count)
      if (report.violations.length > 0) {
        sums.failed.push(report)
        say(describeFailure(report))
      }
      if (sums.seeds % every === 0)
        say(`${sums.seeds} of ${seeds} seeds, ${sums.failed.length} failed, ${secondsSince()} s`)
    },
  })
  const faults = [...sums.faults].sort(([left], [right]) => (left < right ? -1 : 1))
  say(
    `${sums.seeds} seeds from ${from} on: ${sums.records} records in ${sums.commits} commits of ${sums.processes} processes`,
  )
  for (const [name, count] of faults) say(`  ${name.padEnd(18)} ${count}`)
  if (sums.failed.length === 0) say(`nothing was wrong, in ${secondsSince()} s`)
  else {
    const failing = sums.failed.map(({ seed }) => seed).sort((left, right) => left - right)
    say(`${failing.length} seeds failed: ${failing.join(', ')}; live one again with --from ${failing[0]} --seeds 1`)
  }
  return sums.failed.length === 0
}

async function huntBugs(names: readonly string[], from: number, seeds: number, processes: number): Promise<boolean> {
  const wanted = names.length === 0 ? plantedBugs : plantedBugs.filter(({ name }) => names.includes(name))
  const waiting = [...wanted]
  let caught = 0
  say(`${'bug'.padEnd(36)} ${'seeds'.padStart(5)}  found by`)
  const hunt = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug; bug = waiting.shift()) {
      try {
        const { found, seeds: lived } = await catchBug(bug, from, seeds)
        if (found) caught += 1
        const by = found ? `${found.check.padEnd(12)} ${found.message.slice(0, 90)}` : 'NOTHING'
        say(`${bug.name.padEnd(36)} ${String(lived).padStart(5)}  ${by}`)
      } catch (error) {
        say(`${bug.name.padEnd(36)}     -  NOT PLANTED: ${describeError(error)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: processes }, hunt))
  say(`${caught} of ${wanted.length} planted bugs are found`)
  return caught === wanted.length
}

/** Returns the exit code. */
export async function simulate(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      processes: { type: 'string', default: String(availableParallelism()) },
      planted: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [from, processes] = [Number(values.from), Number(values.processes)]
  const seeds = Number(values.seeds ?? (values.planted ? seedsPerBug : 1_000))
  if (values.help || ![from, processes, seeds].every((number) => Number.isSafeInteger(number) && number > 0)) {
    say(usage)
    return values.help ? 0 : 2
  }
  const unheard = positionals.filter((name) => !values.planted || !plantedBugs.some((bug) => bug.name === name))
  if (unheard.length > 0) {
    say(`no bug is called ${unheard.join(', ')}; there are:`)
    for (const { name, says } of plantedBugs) say(`  ${name.padEnd(36)} ${says}`)
    return 2
  }
  const isWell = values.planted
    ? await huntBugs(positionals, from, seeds, processes)
    : await liveSeeds(from, seeds, processes)
  return isWell ? 0 : 1
}
