import type { PageCommandName, PageCommands } from '../../../core/protocol/bridge.ts'
import type { Alert, Board } from '../../../core/protocol/board.ts'
import { type BoardChoice, createSilentAlert, drawBoard } from './board.ts'
import type { Ledgers } from './ledgers.ts'
import { drawSeries, listStores, summarise } from './series.ts'
import type { DemoSettings } from './settings.ts'
import type { DemoCluster } from './cluster.ts'
import { soldBetween, type World } from './world.ts'

/** What the answers are made from. */
export interface DemoState {
  readonly world: World
  readonly ledgers: Ledgers
  readonly settings: DemoSettings
  readonly role: 'view' | 'operate'
  choice: BoardChoice
  readonly nowMs: () => number
  readonly cluster: DemoCluster
}

/** Commands that a page sends; the others have no answer here. */
export type Answers = {
  readonly [Name in PageCommandName]?: (
    request: PageCommands[Name]['request'],
  ) => PageCommands[Name]['response'] | Promise<PageCommands[Name]['response']>
}

const fault = (code: string, message: string, hint: string | null): Error =>
  Object.assign(new Error(message), { code, hint })

/** Records of profiles other than the first begin so high: nobody takes them for the first one's. */
export const otherRecords = 50_000_000

/** The board of the profile that is open. */
export function drawBoardOf({ choice, cluster, nowMs, world }: DemoState): Board {
  const board = drawBoard(world, choice, nowMs())
  const profile = cluster.current()
  if (profile === 'local') return board
  if (cluster.needsSchema()) {
    const reason = 'database retail on db.example has no schema of Storepulse yet'
    return { ...board, profile, state: 'faulted', reason, alerts: [] }
  }
  const { counted, received } = board.records
  const records = { ...board.records, counted: counted + otherRecords, received: received + otherRecords }
  return { ...board, profile, records }
}

function drawPipeline({ cluster, world, nowMs }: DemoState): PageCommands['pipeline']['response'] {
  const now = nowMs()
  const partitions = ['retail-transactions', 'customer-events', 'inventory-updates'].flatMap((topic) =>
    [0, 1, 2, 3].map((partition) => {
      const endOffset = world.isEmpty ? 0 : Math.floor((now - world.startedMs + 86_400_000) / 4_000) + partition
      return { topic, partition, startOffset: 0, committedOffset: endOffset, endOffset, sizeBytes: endOffset * 290 }
    }),
  )
  return {
    ...drawPlaces(cluster.current(), world.isEmpty),
    partitions: world.isEmpty ? [] : partitions,
    logBytes: partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    warehouseBytes: 18_400_000,
    commits: Array.from({ length: world.isEmpty ? 0 : 160 }, (_, index) => {
      const atMs = Math.floor(now / 400) * 400 - (160 - index) * 400
      const tick = Math.floor(atMs / 400)
      return { atMs, records: 1 + (tick % 3), durationMs: 6 + (tick % 7) + (tick % 41 === 0 ? 22 : 0) }
    }),
    generator: { enabled: cluster.current() !== 'nordic-shops', rate: 3, stores: world.stores.length, seed: 7 },
    processes: [
      { name: 'engine', processId: 4_211, rssBytes: 182_000_000, cpuPercent: 3.4 },
      { name: 'generator', processId: 4_218, rssBytes: 96_000_000, cpuPercent: 1.1 },
    ],
    dataDirectory: '/home/ada/.local/share/storepulse',
    startedAt: new Date(world.startedMs).toISOString(),
  }
}

type Places = Pick<PageCommands['pipeline']['response'], 'source' | 'target' | 'lag' | 'spark'>

function drawPlaces(profile: string, isEmpty: boolean): Places {
  if (profile !== 'nordic-shops') {
    return {
      source: { kind: 'local-log', title: null, waiting: [] },
      target: { kind: 'duckdb', title: null },
      lag: { records: isEmpty ? 0 : 2, changePerSecond: isEmpty ? null : 0, etaSeconds: isEmpty ? 0 : null },
    }
  }
  const reason = 'its leader is away'
  return {
    source: {
      kind: 'kafka',
      title: 'kafka.example:9093',
      waiting: [{ topic: 'customer-events', partition: 2, reason }],
    },
    target: { kind: 'memory', title: null },
    lag: { records: 48_210, changePerSecond: -812.5, etaSeconds: 59.3 },
    spark: { batch: 4_120, records: 91_300, seconds: 41.6, problem: null },
  }
}

function drawQuality(
  { world, nowMs }: DemoState,
  request: PageCommands['quality']['request'],
): PageCommands['quality']['response'] {
  const startMs: number[] = []
  for (
    let at = Math.ceil(request.fromMs / request.stepMs) * request.stepMs;
    at < Math.min(request.untilMs, nowMs());
    at += request.stepMs
  ) {
    if (!world.isEmpty) startMs.push(at)
  }
  const draw = (every: number): readonly number[] =>
    startMs.map((at) => Math.max(0, (Math.floor(at / request.stepMs) % every) - every + 4))
  return {
    stepMs: request.stepMs,
    startMs,
    late: draw(7),
    reasons: { missing_field: draw(5), not_json: draw(9), bad_amount: draw(11), future_time: draw(17) },
  }
}

function drawSheet(
  { world, nowMs }: DemoState,
  request: PageCommands['storeSheet']['request'],
): PageCommands['storeSheet']['response'] {
  const store = world.stores.find(({ id }) => id === request.storeId)
  if (!store) throw fault('not-found', `there is no store ${request.storeId}`, 'look it up in the list of stores')
  const now = nowMs()
  const spanMs = request.untilMs - request.fromMs
  const stepMs = spanMs > 86_400_000 ? 7_200_000 : spanMs > 21_600_000 ? 900_000 : spanMs > 3_600_000 ? 300_000 : 60_000
  const sold = soldBetween(world, store, request.fromMs, request.untilMs, now)
  return {
    summary: summarise(world, store, request, now),
    opensAtMinute: store.id % 3 === 0 ? 0 : 480,
    closesAtMinute: store.id % 3 === 0 ? 0 : 1_260,
    series: drawSeries(world, { ...request, stepMs }, now),
    averageCents: sold.transactions === 0 ? null : Math.round(sold.cents / sold.transactions),
    customers: Math.round(sold.transactions * 0.93),
    late: store.id % 4,
    usualGapMs: 74_000,
  }
}

function drawHeatMap(
  { world, nowMs }: DemoState,
  request: PageCommands['heatMap']['request'],
): PageCommands['heatMap']['response'] {
  const stores = request.storeIds.flatMap((id) => world.stores.filter((store) => store.id === id))
  const startMs: number[] = []
  for (let at = Math.ceil(request.fromMs / request.stepMs) * request.stepMs; at < request.untilMs; at += request.stepMs)
    startMs.push(at)
  const now = nowMs()
  return {
    stepMs: request.stepMs,
    startMs,
    stores: stores.map(({ id, name }) => ({ id, name })),
    cents: stores.map((store) => startMs.map((at) => soldBetween(world, store, at, at + request.stepMs, now).cents)),
  }
}

function drawTrends(
  { world, nowMs }: DemoState,
  request: PageCommands['trends']['request'],
): PageCommands['trends']['response'] {
  const count = world.isEmpty ? 0 : 60
  const atMs = Array.from(
    { length: count },
    (_, index) => request.fromMs + ((index + 1) * (request.untilMs - request.fromMs)) / count - 10_000,
  )
  const { choice } = { choice: { state: 'running', reason: null, alerts: [], painted: [] } as const }
  const customers = atMs.map((at) => drawBoard(world, choice, Math.min(at, nowMs())).activeCustomers)
  return {
    atMs,
    customers,
    p50Ms: atMs.map((at) => 60 + 6 * Math.sin(at / 400_000)),
    dataQuality: atMs.map((at) => 99.9 + 0.04 * Math.sin(at / 900_000)),
    compared: {
      customers: world.isEmpty ? null : drawBoard(world, choice, nowMs() - 86_400_000).activeCustomers,
      p50Ms: null,
      dataQuality: null,
    },
  }
}

/** What was done before the page came. */
function listDeeds({ startedMs }: World): PageCommands['listAudit']['response']['entries'] {
  const make = (minutesAgo: number, who: string, action: string, subject: string, detail: string) => ({
    at: new Date(startedMs - minutesAgo * 60_000).toISOString(),
    who,
    action,
    subject,
    detail,
  })
  const deeds = [
    make(
      12,
      'operate session 3f9a01c2',
      'purged',
      '2 records of the quarantine',
      'customer-events/1/204, customer-events/3/77',
    ),
    make(
      47,
      'ada, app',
      'saved settings',
      'profile local',
      'generator.rate: 3 → 30; window.latenessMs: 600000 → default (600000)',
    ),
    make(64, 'ada', 'made a sign-in link', 'role view', 'good for one sign-in until 2025-01-06T10:04:11.000Z'),
  ]
  const older = Array.from({ length: 12 }, (_, index) =>
    make(
      1_440 + index * 90,
      'ada',
      're-admitted',
      '1 record of the late ledger',
      `retail-transactions/2/${4_700 - index}`,
    ),
  )
  return [...deeds, ...older]
}

/** The answers of a host with this state. */
export function createAnswers(state: DemoState): Answers {
  const { world, ledgers, settings, nowMs } = state
  const requireOperator = (): void => {
    if (state.role === 'view')
      throw fault('forbidden', 'this session may look and not change', 'ask for a link with the role operate')
  }
  const history = (alerts: readonly Alert[]) => [
    ...alerts.map(({ storeId, ...alert }) => ({ ...alert, storeId: storeId ?? null, resolvedAt: null })),
    {
      id: 'clock-jump',
      kind: 'clock-jump',
      severity: 'warning' as const,
      message:
        'the clock of this computer went back by 41 s; sales may count as late, or as ahead of their time, until it is where it was',
      storeId: null,
      since: new Date(world.startedMs - 5_400_000).toISOString(),
      resolvedAt: new Date(world.startedMs - 5_280_000).toISOString(),
    },
  ]
  return {
    hello: () => ({
      processId: 4_211,
      command: 'storepulse serve',
      version: '0.1.0',
      profile: state.cluster.current(),
      role: state.role,
    }),
    ...state.cluster.answers,
    status: () => drawBoardOf(state),
    listLate: ({ limit, offset }) => ({ entries: ledgers.late(limit, offset) }),
    listQuarantine: ({ limit, offset }) => ({ entries: ledgers.quarantine(limit, offset) }),
    listConflicts: ({ limit, offset }) => ({ entries: ledgers.conflicts(limit, offset) }),
    sumLedgers: () => ledgers.sums(),
    sumQuarantine: () => ({ stores: ledgers.quarantineStores() }),
    listAudit: ({ limit, offset }) => ({
      entries: (world.isEmpty ? [] : listDeeds(world)).slice(offset, offset + limit),
    }),
    showQuarantined({ ref }) {
      const found = ledgers.show(ref)
      if (!found) throw fault('not-found', `${ref} is not in quarantine`, null)
      return found
    },
    readmit({ refs }) {
      requireOperator()
      return ledgers.readmit(refs, nowMs())
    },
    purgeQuarantine({ refs }) {
      requireOperator()
      return { purged: ledgers.purge(refs) }
    },
    reportPainted({ latencyMs }) {
      state.choice = { ...state.choice, painted: [...state.choice.painted, ...latencyMs].slice(-200) }
      return {}
    },
    series: (request) => drawSeries(world, request, nowMs()),
    stores: (request) => listStores(world, request, nowMs()),
    heatMap: (request) => drawHeatMap(state, request),
    storeSheet: (request) => drawSheet(state, request),
    quality: (request) => drawQuality(state, request),
    pipeline: () => drawPipeline(state),
    trends: (request) => drawTrends(state, request),
    alertHistory: () => ({ alerts: world.isEmpty ? [] : history(state.choice.alerts) }),
    describeSettings: () => ({
      settings: settings.describe(),
      file: '/home/ada/.local/share/storepulse/profiles/local.json',
    }),
    saveSettings({ values }) {
      requireOperator()
      return settings.save(values)
    },
  }
}

export { createSilentAlert }
