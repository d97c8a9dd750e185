import { expect, it } from 'vitest'
import { type BoardStore, createBoardStore } from '../../../renderer/stores/board-store.ts'
import { createFrameWriter } from '../../../renderer/stores/frame.ts'
import { createPaintedReporter } from '../../../renderer/stores/painted.ts'
import { createRateStore } from '../../../renderer/stores/rate-store.ts'
import { unaccounted } from '../../../renderer/stores/identity.ts'
import { makeAlert, makeBoard } from '../../support/page/boards.ts'
import { createManualTimers, type ManualTimers } from '../../support/page/manual-timers.ts'

interface Screen {
  readonly store: BoardStore
  readonly timers: ManualTimers
  readonly paintFrame: () => void
  readonly writes: () => number
}

function createScreen(): Screen {
  const timers = createManualTimers()
  let frames: (() => void)[] = []
  let writes = 0
  const store = createBoardStore(
    createFrameWriter((run) => frames.push(run)),
    timers.nowMs,
  )
  store.subscribe(() => (writes += 1))
  return {
    store,
    timers,
    writes: () => writes,
    paintFrame() {
      const due = frames
      frames = []
      for (const run of due) run()
    },
  }
}

it('writes once a frame, and the newest board', () => {
  const { store, paintFrame, writes } = createScreen()
  for (const atMs of [1, 2, 3]) store.accept(makeBoard(atMs))
  expect(store.getState().board).toBeNull()
  paintFrame()
  expect(store.getState().board?.at).toBe(new Date(3).toISOString())
  expect(writes()).toBe(1)
})

it('is stale five seconds after the last board, keeps it, and recovers with the next', () => {
  const { store, timers, paintFrame } = createScreen()
  store.accept(makeBoard(1))
  paintFrame()
  timers.pass(4_999)
  store.tick()
  expect(store.getState().isStale).toBe(false)
  timers.pass(1)
  store.tick()
  expect(store.getState()).toMatchObject({ isStale: true, board: { at: new Date(1).toISOString() } })
  store.accept(makeBoard(2))
  paintFrame()
  expect(store.getState().isStale).toBe(false)
})

it('is not stale before anything came', () => {
  const { store, timers } = createScreen()
  timers.pass(60_000)
  store.tick()
  expect(store.getState().isStale).toBe(false)
})

it('shows what it showed while held, and the newest once let go', () => {
  const { store, paintFrame } = createScreen()
  store.accept(makeBoard(1))
  paintFrame()
  store.hold(true)
  store.accept(makeBoard(2))
  paintFrame()
  expect(store.getState().board?.at).toBe(new Date(1).toISOString())
  store.hold(false)
  expect(store.getState().board?.at).toBe(new Date(2).toISOString())
})

it('tells of an alert when it begins, once, and again when it comes back', () => {
  const { store } = createScreen()
  const told: string[] = []
  store.onAlert(({ id }) => told.push(id))
  store.accept(makeBoard(1, { alerts: [makeAlert('there before')] }))
  store.accept(makeBoard(2, { alerts: [makeAlert('there before'), makeAlert('a')] }))
  store.accept(makeBoard(3, { alerts: [makeAlert('a')] }))
  store.accept(makeBoard(4))
  store.accept(makeBoard(5, { alerts: [makeAlert('a')] }))
  expect(told).toEqual(['a', 'a'])
})

it('tells of an alert while the screen is held', () => {
  const { store } = createScreen()
  const told: string[] = []
  store.onAlert(({ id }) => told.push(id))
  store.accept(makeBoard(1))
  store.hold(true)
  store.accept(makeBoard(2, { alerts: [makeAlert('a')] }))
  expect(told).toEqual(['a'])
})

it('runs what waits for the paint after the frame that wrote', () => {
  let frames: (() => void)[] = []
  const frame = createFrameWriter((run) => frames.push(run))
  const order: string[] = []
  frame.write('a', () => order.push('written'))
  frame.afterPaint(() => order.push('painted'))
  for (const expected of [['written'], ['written', 'painted']]) {
    const due = frames
    frames = []
    for (const run of due) run()
    expect(order).toEqual(expected)
  }
})

it('reports painted latencies at most once a second, none of them negative or absurd', () => {
  const reports: (readonly number[])[] = []
  const reporter = createPaintedReporter((latencyMs) => reports.push(latencyMs))
  reporter.note(20, 0)
  reporter.note(30, 400)
  reporter.note(-5, 900)
  reporter.note(90_000, 950)
  reporter.note(40, 1_000)
  expect(reports).toEqual([[20], [30, 0, 40]])
})

it('measures rates over the last seconds', () => {
  const store = createRateStore()
  for (let second = 0; second <= 20; second += 1) {
    const received = second * 30
    store.accept(
      makeBoard(second * 1_000, {
        epoch: second * 10,
        records: { received, counted: received, late: 0, duplicate: 0, invalid: 0, tombstone: 0 },
      }),
    )
  }
  expect(store.getState().rates).toMatchObject({ received: 30, counted: 30, late: 0, epochs: 10, boards: 1 })
})

it('finds the records that no outcome accounts for', () => {
  const records = { received: 10, counted: 6, late: 1, duplicate: 1, invalid: 1, tombstone: 1 }
  expect(unaccounted(records)).toBe(0)
  expect(unaccounted({ ...records, counted: 4 })).toBe(2)
})
