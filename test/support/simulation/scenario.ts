import { createRandom, type Random } from '../../../core/base/random.ts'
import type { PipelineOptions } from '../../../core/pipeline/pipeline.ts'

/** Everything a seed decides before anything happens. */
export interface Scenario {
  readonly seed: number
  /** `memory`: a log with its own order that outlives every process. `ledger`: a cluster's. `segment`: files on a disk. */
  readonly logKind: 'memory' | 'ledger' | 'segment'
  readonly partitions: number
  readonly windowSizeMs: number
  readonly latenessMs: number
  readonly idleMs: number
  readonly futureMs: number
  readonly maxIds: number
  readonly duplicates: 'drop' | 'count'
  readonly finalRowsOnly: boolean
  readonly records: number
  readonly stores: number
  /** How long records come and things go wrong. */
  readonly troubleMs: number
  /** Chances per port call, or per second for what happens by itself. */
  readonly faults: Readonly<Record<FaultName, number>>
  /** Whether old records and ledger rows are dropped meanwhile. */
  readonly retains: boolean
  /** Whether the rule about the future is loosened at a restart. */
  readonly loosensRules: boolean
}

/** What may go wrong. Each seed has some of them, so that one does not always hide another. */
export const faultNames = [
  'crash',
  'power-cut',
  'fail',
  'break',
  'answer-lost',
  'lands-late',
  'twice',
  'slow',
  'snapshot-lost',
  'snapshot-torn',
  'log-outage',
  'warehouse-outage',
  'damage',
  'sleep',
  'clock-jump',
  'restart',
  'takeover',
  'readmit',
] as const
export type FaultName = (typeof faultNames)[number]

/** The highest chance of each. */
const worst: Readonly<Record<FaultName, number>> = {
  crash: 0.03,
  'power-cut': 0.6,
  fail: 0.06,
  break: 0.01,
  'answer-lost': 0.06,
  'lands-late': 0.06,
  twice: 0.04,
  slow: 0.3,
  'snapshot-lost': 0.5,
  'snapshot-torn': 0.4,
  'log-outage': 0.03,
  'warehouse-outage': 0.03,
  damage: 0.04,
  sleep: 0.02,
  'clock-jump': 0.05,
  restart: 0.06,
  takeover: 0.05,
  readmit: 0.4,
}

const pick = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item =>
  items[random.nextInt(items.length)] ?? items[0]

function drawFaults(random: Random): Scenario['faults'] {
  const draw = (name: FaultName): number => (random.chance(0.55) ? worst[name] * random.next() : 0)
  return {
    crash: draw('crash'),
    'power-cut': draw('power-cut'),
    fail: draw('fail'),
    break: draw('break'),
    'answer-lost': draw('answer-lost'),
    'lands-late': draw('lands-late'),
    twice: draw('twice'),
    slow: draw('slow'),
    'snapshot-lost': draw('snapshot-lost'),
    'snapshot-torn': draw('snapshot-torn'),
    'log-outage': draw('log-outage'),
    'warehouse-outage': draw('warehouse-outage'),
    damage: draw('damage'),
    sleep: draw('sleep'),
    'clock-jump': draw('clock-jump'),
    restart: draw('restart'),
    takeover: draw('takeover'),
    readmit: draw('readmit'),
  }
}

export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed, 'scenario')
  const logKind = pick<Scenario['logKind']>(random, [
    'memory',
    'memory',
    'memory',
    'memory',
    'ledger',
    'ledger',
    'ledger',
    'segment',
  ])
  const retains = logKind === 'memory' && random.chance(0.15)
  return {
    seed,
    logKind,
    partitions: 1 + random.nextInt(logKind === 'segment' ? 2 : 3),
    windowSizeMs: pick(random, [2_000, 5_000, 10_000]),
    latenessMs: pick(random, [0, 3_000, 10_000, 20_000]),
    idleMs: pick(random, [0, 3_000, 6_000]),
    futureMs: pick(random, [500, 3_000, 8_000]),
    maxIds: random.chance(0.2) ? 10 + random.nextInt(50) : 1_000_000,
    duplicates: random.chance(0.08) ? 'count' : 'drop',
    finalRowsOnly: random.chance(0.2),
    records: logKind === 'segment' ? 60 + random.nextInt(90) : 80 + random.nextInt(220),
    stores: 1 + random.nextInt(4),
    troubleMs: 15_000 + random.nextInt(25_000),
    faults: drawFaults(random),
    retains,
    loosensRules: !retains && random.chance(0.2),
  }
}

/** How one start of the pipeline is paced: another one at each. */
export function drawPace(random: Random, scenario: Scenario): PipelineOptions {
  return {
    epochMs: pick(random, [1, 20, 100]),
    epochRecords: pick(random, [2, 7, 25, 200]),
    snapshotMs: pick(random, [1, 500, 3_000, 60_000]),
    idleMs: scenario.idleMs,
    windowSizeMs: scenario.windowSizeMs,
    latenessMs: scenario.latenessMs,
    finalRowsOnly: scenario.finalRowsOnly,
  }
}
