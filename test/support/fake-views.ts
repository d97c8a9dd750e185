import type { CommandContext, Handlers } from '../../core/host/handlers.ts'
import type { ViewCommands } from '../../core/protocol/commands.ts'
import type { Series, StoreSummary } from '../../core/protocol/views.ts'

/** Wraps a handler so that its runs are noted under a name. */
export type NoteRun = <Request, Response>(
  name: string,
  answer: (request: Request, context: CommandContext) => Promise<Response>,
) => (request: Request, context: CommandContext) => Promise<Response>

const series: Series = { stepMs: 60_000, startMs: [], transactions: [], cents: [], final: [] }

const store: StoreSummary = {
  id: 1,
  name: 'Store 1',
  city: null,
  zone: null,
  transactions: 0,
  cents: 0,
  comparedCents: null,
  latestMs: null,
  sparkline: [],
  silentSinceMs: null,
  isClosed: false,
}

/** Commands of the pages that answer with next to nothing. */
export const makeViews = (note: NoteRun): Pick<Handlers, keyof ViewCommands> => ({
  series: note('series', async () => series),
  trends: note('trends', async () => ({
    atMs: [],
    customers: [],
    p50Ms: [],
    dataQuality: [],
    compared: { customers: null, p50Ms: null, dataQuality: null },
  })),
  stores: note('stores', async () => ({ total: 1, silent: 0, rows: [store] })),
  heatMap: note('heatMap', async () => ({ stepMs: 60_000, startMs: [], stores: [], cents: [] })),
  storeSheet: note('storeSheet', async () => ({
    summary: store,
    series,
    opensAtMinute: null,
    closesAtMinute: null,
    averageCents: null,
    customers: 0,
    late: 0,
    usualGapMs: null,
  })),
  quality: note('quality', async () => ({ stepMs: 60_000, startMs: [], late: [], reasons: {} })),
  pipeline: note('pipeline', async () => ({
    partitions: [],
    source: { kind: 'local-log', title: null, waiting: [] },
    target: { kind: 'duckdb', title: null },
    lag: { records: 0, changePerSecond: null, etaSeconds: 0 },
    logBytes: 0,
    warehouseBytes: 0,
    commits: [],
    processes: [],
    generator: { enabled: false, rate: 0, stores: 0, seed: 0 },
    dataDirectory: '/',
    startedAt: '2026-01-01T00:00:00.000Z',
  })),
  alertHistory: note('alertHistory', async () => ({ alerts: [] })),
  describeSettings: note('describeSettings', async () => ({ settings: [], file: '' })),
  saveSettings: note('saveSettings', async () => ({ saved: true, errors: [] })),
})
