import { expect, it } from 'vitest'
import type { Series } from '../../../core/protocol/views.ts'
import { createClient } from '../../../renderer/bridge/client.ts'
import { dayMs, type Range } from '../../../renderer/stores/range.ts'
import { createTradeStore, type TradeStore } from '../../../renderer/stores/trade-store.ts'
import { createFakeHost } from '../../support/page/fake-host.ts'
import { createManualTimers } from '../../support/page/manual-timers.ts'

const minute = 60_000
const nowMs = Date.parse('2026-11-22T14:32:30Z')

interface Asked {
  readonly fromMs: number
  readonly untilMs: number
  readonly stepMs: number
}

/** Answers every question with one sale of a dollar a step. */
function makeSeries({ fromMs, untilMs, stepMs }: Asked): Series {
  const length = Math.max(0, Math.ceil((untilMs - fromMs) / stepMs))
  const startMs = Array.from({ length }, (_, index) => fromMs + index * stepMs)
  return {
    stepMs,
    startMs,
    transactions: startMs.map(() => stepMs / minute),
    cents: startMs.map(() => (stepMs / minute) * 100),
    final: startMs.map((at) => at < nowMs - 10 * minute),
  }
}

interface Trading {
  readonly trade: TradeStore
  readonly load: (hasPast?: boolean) => Promise<void>
  readonly choose: (choice: { readonly range?: Range; readonly compare?: boolean }) => void
}

function startTrading(): Trading {
  const host = createFakeHost()
  const client = createClient(host.openTransport, createManualTimers())
  client.start()
  host.accept()
  let inputs = { range: '1h' as Range, compare: false, windowMs: minute, nowMs, watermarkMs: nowMs - 10 * minute }
  const trade = createTradeStore(client, () => inputs)
  return {
    trade,
    choose: (choice) => void (inputs = { ...inputs, ...choice }),
    async load(hasPast = true) {
      const before = host.heard.length
      const loading = trade.load()
      for (const message of host.heard.slice(before)) {
        if (message.kind !== 'request') continue
        const asked = message.payload as Asked
        const isPast = asked.untilMs <= nowMs - dayMs + asked.stepMs * 2
        const none = { ...asked, untilMs: asked.fromMs }
        host.send({ kind: 'response', id: message.id, result: makeSeries(isPast && !hasPast ? none : asked) })
      }
      await loading
    },
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

it('draws an hour in minutes, the running one last', async () => {
  const { trade, load } = startTrading()
  await load()
  const { span, steps, status } = trade.getState()
  expect(status).toBe('ready')
  expect(steps.transactions).toHaveLength(60)
  expect(span.untilMs - nowMs).toBe(30_000)
})

it('adds the newest minutes to a coarse range exactly once', async () => {
  const { trade, load, choose } = startTrading()
  choose({ range: '24h' })
  await load()
  const before = sum(trade.getState().steps.transactions)
  const startMs = nowMs - 30_000
  trade.accept({ stepMs: minute, startMs: [startMs], transactions: [9], cents: [900], final: [false] })
  expect(sum(trade.getState().steps.transactions)).toBe(before + 8)
  trade.accept({ stepMs: minute, startMs: [startMs], transactions: [10], cents: [1_000], final: [false] })
  expect(sum(trade.getState().steps.transactions)).toBe(before + 9)
})

it('shows yesterday when asked to, and only where there is one', async () => {
  const { trade, load, choose } = startTrading()
  choose({ compare: true })
  await load(false)
  expect(trade.getState()).toMatchObject({ compared: null, comparedHour: null, hasWeek: false })
  await load()
  expect(trade.getState().compared?.transactions).toHaveLength(60)
  expect(trade.getState().comparedHour).toEqual({ transactions: 60, cents: 6_000 })
  choose({ compare: false })
  trade.redraw()
  expect(trade.getState().compared).toBeNull()
})

it('shows the range before until the next one is there', async () => {
  const { trade, load, choose } = startTrading()
  await load()
  choose({ range: '6h' })
  trade.accept({ stepMs: minute, startMs: [], transactions: [], cents: [], final: [] })
  expect(trade.getState().range).toBe('1h')
  await load()
  expect(trade.getState().range).toBe('6h')
})
