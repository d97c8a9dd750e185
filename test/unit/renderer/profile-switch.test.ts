import { expect, it } from 'vitest'
import type { ProfileView } from '../../../core/protocol/cluster.ts'
import type { OwnerInfo } from '../../../core/protocol/commands.ts'
import type { Series } from '../../../core/protocol/views.ts'
import { createModel, type Model } from '../../../renderer/model.ts'
import { currentProfile } from '../../../renderer/stores/profiles-store.ts'
import { makeBoard } from '../../support/page/boards.ts'
import { createFakeHost, type FakeHost } from '../../support/page/fake-host.ts'
import { createManualTimers, type ManualTimers } from '../../support/page/manual-timers.ts'

const ownerOf = (profile: string): OwnerInfo => ({ processId: 1, command: 'storepulse serve', version: '0', profile })
const minuteMs = 60_000
const profileOf = (name: 'local' | 'watch', title: string): ProfileView => ({
  name,
  title,
  kind: name,
  isBuiltIn: true,
  isCurrent: name === 'local',
  colour: null,
  isLocked: false,
  isReadOnly: name === 'watch',
  lacks: [],
  eventsFrom: null,
  rowsTo: null,
})
const seriesOf = (transactions: number): Series => ({
  stepMs: minuteMs,
  startMs: [0],
  transactions: [transactions],
  cents: [100 * transactions],
  final: [true],
})

interface Page {
  readonly host: FakeHost
  readonly model: Model
  readonly timers: ManualTimers
  /** Paints what waits for the next frame. */
  readonly paint: () => void
}

function openPage(): Page {
  const host = createFakeHost()
  const timers = createManualTimers()
  const frames: (() => void)[] = []
  const model = createModel({
    openTransport: host.openTransport,
    storage: { getItem: () => null, setItem: () => undefined },
    timers,
    requestFrame: (run) => void frames.push(run),
    isHidden: () => false,
    wallMs: () => 5 * minuteMs,
  })
  model.start()
  const paint = (): void => {
    for (const run of frames.splice(0)) run()
  }
  return { host, model, timers, paint }
}

const connect = ({ host }: Page, profile: string): void => {
  host.accept()
  host.answer('hello', ownerOf(profile))
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets the page load what it draws: nothing was sold. */
async function answerSeries({ host }: Page): Promise<void> {
  host.answer('listProfiles', { profiles: [], cannotSwitch: null, failure: null })
  host.answer('describeSettings', { settings: [], file: '' })
  await settle()
  for (const id of host.idsOf('series')) {
    host.send({
      kind: 'response',
      id,
      result: { stepMs: minuteMs, startMs: [], transactions: [], cents: [], final: [] },
    })
  }
  await settle()
}

const sendBoard = ({ host, paint }: Page, profile: string, received: number): void => {
  const records = { received, counted: received, late: 0, duplicate: 0, invalid: 0, tombstone: 0 }
  host.send({ kind: 'feed', feed: 'board', value: makeBoard(5 * minuteMs, { profile, records }) })
  paint()
}

it('asks who is there before it asks or hears anything else', () => {
  const page = openPage()
  page.host.accept()
  expect(page.host.heard).toEqual([{ kind: 'request', id: 0, command: 'hello', payload: {} }])
  sendBoard(page, 'watch', 7)
  expect(page.model.board.getState().board).toBeNull()
  page.host.answer('hello', ownerOf('watch'))
  expect(page.host.heard.some(({ kind }) => kind === 'subscribe')).toBe(true)
  sendBoard(page, 'watch', 7)
  expect(page.model.board.getState().board?.records.received).toBe(7)
})

it('drops every number of the profile before when another one’s host answers', async () => {
  const page = openPage()
  const { host, model, timers } = page
  connect(page, 'local')
  sendBoard(page, 'local', 7)
  timers.pass(2_000)
  sendBoard(page, 'local', 9)
  host.send({ kind: 'feed', feed: 'backfill', value: { share: 0.5, fromMs: 0, untilMs: 1 } })
  const profiles = [profileOf('local', 'This computer'), profileOf('watch', 'Nordic shops')]
  host.answer('listProfiles', { profiles, cannotSwitch: null, failure: null })
  await settle()
  // Waits for a frame that comes after the switch.
  host.send({ kind: 'feed', feed: 'recent', value: seriesOf(7) })
  host.end()
  timers.pass(20_000)
  expect(model.board.getState().board?.records.received).toBe(9)
  host.accept()
  expect(model.board.getState().board?.records.received).toBe(9)
  host.answer('hello', ownerOf('watch'))
  page.paint()
  const { generation, owner, backfill, nowMs } = model.session.getState()
  expect([owner?.profile, generation, backfill, nowMs]).toEqual(['watch', 1, null, null])
  expect(model.board.getState().board).toBeNull()
  expect(model.rates.getState().rates).toBeNull()
  expect(model.trends.getState().atMs).toEqual([])
  expect(model.trade.getState().steps.transactions.reduce((sum, count) => sum + count, 0)).toBe(0)
  expect(currentProfile(model.profiles.getState())?.title).toBe('Nordic shops')
  await answerSeries(page)
  expect(model.trade.getState()).toMatchObject({ status: 'ready' })
  expect(model.trade.getState().steps.transactions.reduce((sum, count) => sum + count, 0)).toBe(0)
})

it('keeps the last numbers of the same profile over a loss', () => {
  const page = openPage()
  connect(page, 'local')
  sendBoard(page, 'local', 7)
  page.host.end()
  page.timers.pass(20_000)
  connect(page, 'local')
  expect(page.model.board.getState().board?.records.received).toBe(7)
  expect(page.model.session.getState().generation).toBe(0)
})

it('opens all the same when nobody can say who is there, and asks again', () => {
  const page = openPage()
  page.host.accept()
  const fault = { code: 'unreachable', message: 'away', hint: null, retry: true }
  page.host.send({ kind: 'failure', id: 0, fault })
  expect(page.model.session.getState().status.kind).toBe('open')
  expect(page.host.idsOf('hello')).toHaveLength(2)
})
