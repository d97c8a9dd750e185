import fc from 'fast-check'
import { expect, it } from 'vitest'
import { barKinds } from '../../../renderer/charts/bars.ts'
import { findBrightest, heatSteps, scaleHeat } from '../../../renderer/charts/heat-map-chart.ts'
import { layOutReasons } from '../../../renderer/charts/reasons-chart.ts'
import { traceSparkline } from '../../../renderer/charts/trace-sparkline.ts'
import { chooseTicks } from '../../../renderer/charts/time-axis.ts'
import { createBars, describeStep, type TradeData } from '../../../renderer/charts/trade-chart.ts'
import { createFormats } from '../../../renderer/format/formats.ts'

const minute = 60_000
const formats = createFormats({ locale: 'en-US', zone: 'UTC', currency: 'USD' })

const data: TradeData = {
  span: { fromMs: 0, untilMs: 4 * minute, stepMs: minute },
  steps: { transactions: [2, 2, 2, 1], cents: [1_000, 2_000, 3_000, 500], final: [true, true, false, false] },
  compared: null,
  watermarkMs: 2 * minute,
  nowMs: 3.5 * minute,
  silences: [{ atMs: 1.5 * minute, text: 'Malmö is silent' }],
}

it('draws final bars calm, provisional ones lighter and the running one with what it may come to', () => {
  expect(createBars(data, 'cents').map(([, , value, kind, expected]) => [value, kind, expected])).toEqual([
    [1_000, barKinds.final, -1],
    [2_000, barKinds.final, -1],
    [3_000, barKinds.provisional, -1],
    [500, barKinds.running, 500 + 2_000 / 2],
  ])
})

it('says what a step is, and nothing of where none is', () => {
  expect(describeStep(data, formats, 2.2 * minute)).toEqual({
    title: '00:02–00:03',
    note: 'may still change',
    rows: [
      { name: 'Revenue', value: '$30.00' },
      { name: 'Transactions', value: '2' },
      { name: 'Average', value: '$15.00' },
    ],
  })
  expect(describeStep(data, formats, 1.2 * minute)?.rows.at(-1)).toEqual({ name: 'Malmö is silent', value: '00:01' })
  expect(describeStep(data, formats, 9 * minute)).toBeNull()
  expect(describeStep(data, formats, -1)).toBeNull()
})

it('labels round instants of the viewer’s zone, not too many', () => {
  const quarter = (): number => 345 * minute
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 15, max: 10_080 }), (fromMs, minutes) => {
      const untilMs = fromMs + minutes * minute
      const { atMs } = chooseTicks(fromMs, untilMs, 8, quarter)
      expect(atMs.length).toBeLessThanOrEqual(9)
      for (const at of atMs) {
        expect(at).toBeGreaterThanOrEqual(fromMs)
        expect((at + quarter()) % minute).toBe(0)
      }
    }),
  )
  expect(chooseTicks(0, 3_600_000, 8, () => 0).atMs).toEqual([0, 10, 20, 30, 40, 50, 60].map((at) => at * minute))
})

it('keeps a sparkline within its box, whatever the values', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 2 }), (values) => {
      for (const [, x, y] of traceSparkline(values, [0, 100]).matchAll(/([\d.-]+),([\d.-]+)/g)) {
        expect(Number(x)).toBeLessThanOrEqual(120)
        expect(Number(y)).toBeGreaterThanOrEqual(0)
        expect(Number(y)).toBeLessThanOrEqual(24)
      }
    }),
  )
  expect(traceSparkline([1], [0, 1])).toBe('')
})

it('scales a heat map so that one peak does not darken the rest', () => {
  const brightest = findBrightest([...Array.from({ length: 199 }, () => 100), 100_000])
  expect(brightest).toBe(100)
  expect(scaleHeat(0, brightest)).toBe(0)
  expect(scaleHeat(1, brightest)).toBe(1)
  expect(scaleHeat(100_000, brightest)).toBe(heatSteps - 1)
})

it('stacks the reasons that occur, the most frequent first', () => {
  const series = { stepMs: minute, startMs: [0, minute], late: [1, 0], reasons: { not_json: [2, 3], bad_time: [0, 0] } }
  const layers = layOutReasons({ span: { fromMs: 0, untilMs: 2 * minute, stepMs: minute }, series })
  expect(layers).toEqual([
    { reason: 'not_json', values: [2, 3], total: 5 },
    { reason: 'late', values: [1, 0], total: 1 },
  ])
})
