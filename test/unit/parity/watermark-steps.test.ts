import { expect, it } from 'vitest'
import {
  endBatch,
  firstWatermark,
  isBehind,
  planBatch,
  type WatermarkRules,
} from '../../../core/parity/watermark-steps.ts'

const latenessMs = 600_000
const minute = (count: number): number => count * 60_000
const at = minute(1_000)

/** Newest event times of batches one after the other (null: a batch without data) → what each drops and closes. */
function step(newest: readonly (number | null)[], rules: Partial<WatermarkRules> = {}) {
  const all = { latenessMs, allowsMultiple: true, ...rules }
  let state = firstWatermark
  return newest.map((newestMs) => {
    const batch = planBatch(state, null, all)
    state = endBatch(state, batch, newestMs ?? Number.NEGATIVE_INFINITY)
    return [batch.lateUntilMs, batch.finalUntilMs]
  })
}

it.each<readonly [title: string, newest: readonly (number | null)[], expected: readonly (readonly [number, number])[]]>(
  [
    ['drops and closes nothing in the first batch, whatever it brings', [at], [[0, 0]]],
    [
      'closes by what the batches before have brought, and drops by the batch before that',
      [at, at + minute(1), at + minute(2), null],
      [
        [0, 0],
        [0, at - latenessMs],
        [at - latenessMs, at + minute(1) - latenessMs],
        [at + minute(1) - latenessMs, at + minute(2) - latenessMs],
      ],
    ],
    [
      'lets a batch without data close windows, and drop by it in the next',
      [at, null, at],
      [
        [0, 0],
        [0, at - latenessMs],
        [at - latenessMs, at - latenessMs],
      ],
    ],
    [
      'never goes back',
      [at, at - minute(5), null],
      [
        [0, 0],
        [0, at - latenessMs],
        [at - latenessMs, at - latenessMs],
      ],
    ],
    [
      'stays at 0 while events are no older than the lateness',
      [minute(9), minute(10), null],
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'stays at 0 for events from before 1970',
      [-at, null],
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'stays at 0 where there is no data',
      [null, null],
      [
        [0, 0],
        [0, 0],
      ],
    ],
  ],
)('%s', (_, newest, expected) => {
  expect(step(newest)).toEqual(expected)
})

it('drops by the batch’s own watermark where several stateful operators are not allowed', () => {
  expect(step([at, at + minute(1), null], { allowsMultiple: false })).toEqual([
    [0, 0],
    [at - latenessMs, at - latenessMs],
    [at + minute(1) - latenessMs, at + minute(1) - latenessMs],
  ])
})

it('works with what the checkpoint says, and says what the records give', () => {
  const rules = { latenessMs, allowsMultiple: true }
  const first = planBatch(firstWatermark, 0, rules)
  const state = endBatch(firstWatermark, first, at)
  const second = planBatch(state, at, rules)
  expect(second).toEqual({ replayedMs: at - latenessMs, finalUntilMs: at, lateUntilMs: 0 })
  // Spark's watermark never goes back either, so the next follows from it.
  expect(planBatch(endBatch(state, second, at), null, rules)).toEqual({
    replayedMs: at,
    finalUntilMs: at,
    lateUntilMs: at,
  })
})

it('counts a window as behind whose end is the watermark, and none that ends later', () => {
  expect([isBehind(999, 1_000), isBehind(1_000, 1_000), isBehind(1_001, 1_000)]).toEqual([true, true, false])
})
