import { createRandom, type Random } from '../../../core/base/random.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { createServer, type WarehouseServer } from './simulated-warehouse.ts'
import { createTrace, type Trace } from './trace.ts'
import { createWitness, type Witness } from './witness.ts'

/** Something that must not be. */
export interface Violation {
  /** Which check found it. */
  readonly check: string
  readonly message: string
}

/** What all actors of a simulation share. */
export interface World {
  readonly scenario: Scenario
  readonly random: Random
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly witness: Witness
  readonly server: WarehouseServer
  /** Nothing goes wrong any more. */
  isCalm: boolean
  readonly outages: { logUntilMs: number; warehouseUntilMs: number }
  /** What the next process is started with. */
  readonly rules: { futureMs: number }
  readonly mayBeDamaged: boolean
  readonly mayLoseSnapshots: boolean
  readonly violations: readonly Violation[]
  report(check: string, message: string): void
  /** The wall clock. */
  nowMs(): number
  jumpClock(byMs: number): void
  /** For whoever is no process. */
  sleep(durationMs: number): Promise<void>
  nextName(): string
  replaceServer(): void
  /** Readers that wait for the log to grow. */
  readonly sleepers: Set<() => void>
  wakeReaders(): void
}

const mostViolations = 12

export function createWorld(seed: number): World {
  const scenario = drawScenario(seed)
  const random = createRandom(seed, 'world')
  const scheduler = createScheduler(random.fork('ties'))
  const trace = createTrace()
  const violations: Violation[] = []
  const sleepers = new Set<() => void>()
  // The corpus of odd records is of this minute.
  let wallMs = Date.UTC(2025, 0, 6, 10, 0, 0) + random.nextInt(20_000)
  let names = 0

  const report = (check: string, message: string): void => {
    trace.note(scheduler.nowMs, 'WRONG', `${check}: ${message}`)
    if (violations.length < mostViolations) violations.push({ check, message })
  }
  const nowMs = (): number => wallMs + Math.floor(scheduler.nowMs)
  const witness = createWitness({ scenario, scheduler, trace, report, nowMs })
  let server = createServer(witness)
  return {
    scenario,
    random,
    scheduler,
    trace,
    witness,
    get server() {
      return server
    },
    isCalm: false,
    outages: { logUntilMs: 0, warehouseUntilMs: 0 },
    rules: { futureMs: scenario.futureMs },
    // Whoever has a warehouse that can be moved aside has it alone.
    mayBeDamaged:
      scenario.logKind !== 'ledger' && !scenario.retains && !scenario.loosensRules && scenario.faults.takeover === 0,
    mayLoseSnapshots: !scenario.retains && !scenario.loosensRules,
    violations,
    report,
    nowMs,
    jumpClock(byMs) {
      wallMs += byMs
    },
    sleep: (durationMs) =>
      new Promise((resolve) => {
        scheduler.after(durationMs, resolve)
      }),
    nextName() {
      names += 1
      return `p${names}`
    },
    replaceServer() {
      server = createServer(witness)
      witness.forgetCommits()
    },
    sleepers,
    wakeReaders() {
      for (const wake of sleepers) wake()
    },
  }
}
