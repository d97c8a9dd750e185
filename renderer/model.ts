import type { Board } from '../core/protocol/board.ts'
import type { OwnerInfo } from '../core/protocol/commands.ts'
import { type Client, createClient } from './bridge/client.ts'
import { greetFirst } from './bridge/greeting.ts'
import { browserTimers, type Timers } from './bridge/timers.ts'
import type { OpenTransport } from './bridge/transport.ts'
import { type BoardStore, createBoardStore } from './stores/board-store.ts'
import { createFrameWriter, type FrameWriter } from './stores/frame.ts'
import { createPaintedReporter } from './stores/painted.ts'
import type { PollerWorld } from './stores/poller.ts'
import { createProfilesStore, type ProfilesStore } from './stores/profiles-store.ts'
import { spanOf } from './stores/range.ts'
import { createRateStore, type RateStore } from './stores/rate-store.ts'
import { createSessionStore, type SessionStore } from './stores/session-store.ts'
import { createSettingsStore, type SettingsStore, windowMsOf } from './stores/settings-store.ts'
import { createTradeStore, type TradeStore } from './stores/trade-store.ts'
import { createTrendStore, type TrendStore } from './stores/trend-store.ts'
import { createViewStore, type KeyValueStorage, type ViewStore } from './stores/view-store.ts'

/** All that the screen is drawn from, and the loops that keep it fed. */
export interface Model {
  readonly client: Client
  readonly view: ViewStore
  readonly board: BoardStore
  readonly session: SessionStore
  readonly settings: SettingsStore
  readonly profiles: ProfilesStore
  readonly trade: TradeStore
  readonly trends: TrendStore
  readonly rates: RateStore
  readonly pollerWorld: PollerWorld
  /** The host's wall clock now, in whole milliseconds. */
  nowMs(): number
  start(): void
}

export interface ModelWorld {
  readonly openTransport: OpenTransport
  readonly storage: KeyValueStorage
  readonly timers: Timers
  readonly requestFrame: (run: () => void) => void
  readonly isHidden: () => boolean
  /** The wall clock of this machine. */
  readonly wallMs: () => number
}

const tickMs = 500
const reloadMs = 60_000

export function createModel(world: ModelWorld): Model {
  const { timers } = world
  const client = createClient(
    greetFirst(world.openTransport, (owner) => meet(owner)),
    timers,
  )
  const frame = createFrameWriter(world.requestFrame)
  const view = createViewStore(world.storage)
  const board = createBoardStore(frame, timers.nowMs)
  const settings = createSettingsStore(client)
  const profiles = createProfilesStore(client)
  const session = createSessionStore(client)
  let clock: { readonly atMs: number; readonly heardAtMs: number } | null = null
  const nowMs = (): number =>
    Math.round(clock === null ? world.wallMs() : clock.atMs + timers.nowMs() - clock.heardAtMs)
  const trade = createTradeStore(client, () => ({
    range: view.getState().range,
    compare: view.getState().compare,
    windowMs: windowMsOf(settings.getState()),
    nowMs: nowMs(),
    watermarkMs: readInstant(board.getState().board?.watermark ?? null),
  }))
  const trends = createTrendStore(client)
  const rates = createRateStore()
  const model: Model = {
    client,
    view,
    board,
    session,
    settings,
    profiles,
    trade,
    trends,
    rates,
    nowMs,
    pollerWorld: { client, timers, isIdle: () => world.isHidden() || board.getState().isHeld },
    start() {
      followFeeds(model, world, frame, (atMs) => {
        clock = { atMs, heardAtMs: timers.nowMs() }
      })
      followChoices(model)
      repeat(timers, tickMs, () => tick(model))
      repeat(timers, reloadMs, () => {
        if (!model.pollerWorld.isIdle()) loadSeries(model)
      })
      client.start()
    },
  }
  /** Before anything else comes over a new connection: who is there. Another profile's numbers are not this one's. */
  const meet = (owner: OwnerInfo | null): void => {
    const before = session.getState().owner
    if (owner !== null && before !== null && owner.profile !== before.profile) {
      frame.clear()
      clock = null
      forgetProfile(model, owner.profile)
    }
    if (owner !== null) session.setState({ owner })
  }
  return model
}

/** Drops everything that the profile before has said. */
function forgetProfile({ board, profiles, rates, session, settings, trade, trends }: Model, next: string): void {
  for (const store of [board, rates, settings, trade, trends]) store.reset()
  profiles.reset(next)
  session.setState(({ generation }) => ({ backfill: null, nowMs: null, generation: generation + 1 }))
}

const readInstant = (text: string | null): number | null => (text === null ? null : Date.parse(text))

function repeat(timers: Timers, everyMs: number, run: () => void): void {
  timers.after(everyMs, () => {
    run()
    repeat(timers, everyMs, run)
  })
}

function followFeeds(model: Model, world: ModelWorld, frame: FrameWriter, setClock: (atMs: number) => void): void {
  const { client, board, trends, trade, session } = model
  const painted = createPaintedReporter((latencyMs) => {
    // A figure the host does not get is missing from the waterfall, which says so itself.
    void client.request('reportPainted', { latencyMs }).catch(() => undefined)
  })
  const notePainted = (value: Board): void => {
    if (world.isHidden() || board.getState().isHeld) return
    frame.afterPaint(() => painted.note(world.wallMs() - Date.parse(value.at), world.timers.nowMs()))
  }
  client.subscribe('board', (value) => {
    setClock(Date.parse(value.at))
    board.accept(value)
    trends.accept(value)
    model.rates.accept(value)
    notePainted(value)
  })
  client.subscribe('recent', (recent) => {
    if (!board.getState().isHeld) frame.write('recent', () => trade.accept(recent))
  })
  client.subscribe('backfill', (backfill) => {
    const wasMaking = session.getState().backfill !== null
    session.setState({ backfill })
    if (wasMaking && backfill === null) loadSeries(model)
  })
  client.onStatus((status) => {
    session.setState({ status })
    if (status.kind === 'open') void greet(model)
  })
}

/** On every new connection: who is there, with which settings, and everything that may have changed meanwhile. */
async function greet(model: Model): Promise<void> {
  const greeting = model.session.getState().owner === null ? model.client.request('hello', {}) : null
  await Promise.all([
    greeting?.then(
      (owner) => model.session.setState({ owner }),
      // The connection went before the answer: the next one asks again.
      () => undefined,
    ),
    model.profiles.load(),
    model.settings.load(),
  ])
  loadSeries(model)
}

function loadSeries(model: Model): void {
  void model.trade.load()
  const untilMs = model.nowMs()
  void model.trends.load(untilMs - spanOf(model.view.getState().range), untilMs)
}

function followChoices(model: Model): void {
  model.view.subscribe((view, before) => {
    if (view.range !== before.range) loadSeries(model)
    if (view.compare !== before.compare) model.trade.redraw()
  })
  model.board.subscribe((state, before) => {
    if (before.isHeld && !state.isHeld) loadSeries(model)
  })
}

function tick(model: Model): void {
  model.board.tick()
  if (model.board.getState().heardAtMs === null) return
  const nowMs = Math.floor(model.nowMs() / 1_000) * 1_000
  if (nowMs !== model.session.getState().nowMs) model.session.setState({ nowMs })
}

/** The model of a page in a browser or a window. */
export const createPageModel = (openTransport: OpenTransport): Model =>
  createModel({
    openTransport,
    storage: window.localStorage,
    timers: browserTimers,
    requestFrame: (run) => void window.requestAnimationFrame(run),
    isHidden: () => document.hidden,
    wallMs: () => Math.floor(performance.timeOrigin + performance.now()),
  })
