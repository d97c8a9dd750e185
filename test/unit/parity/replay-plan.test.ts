import { expect, it } from 'vitest'
import type { BatchPlan, SparkBatch } from '../../../core/parity/batch.ts'
import { planReplay } from '../../../core/parity/replay-plan.ts'

const batch = (number: number, from: number, until: number, watermarkMs: number | null): SparkBatch => ({
  number,
  watermarkMs,
  ranges: [{ partition: 0, from, until }],
})

const plan = (batches: readonly SparkBatch[], more: Partial<BatchPlan> = {}): BatchPlan => ({
  topic: 'sales',
  batches,
  isCut: false,
  hasStart: true,
  isLastOpen: false,
  allowsMultiple: null,
  ...more,
})

const batches = [batch(0, 0, 10, 0), batch(1, 10, 20, 5_000), batch(2, 20, 30, 7_000)]
const held = (start: number, end: number) => new Map([[0, { start, end }]])
const latenessMs = 1_000

it('replays everything where everything is there', () => {
  expect(planReplay(plan(batches), held(0, 30), latenessMs)).toEqual({
    batches,
    isFirstJoined: false,
    skipped: null,
    endsAfterMs: -Infinity,
    startsAfterMs: -Infinity,
    reason: null,
  })
})

it('takes batches whose files are gone as one, and compares what none of them can have dropped', () => {
  const cut = [batch(41, 0, 20, 5_000), batch(42, 20, 30, 7_000)]
  expect(planReplay(plan(cut, { isCut: true }), held(0, 30), latenessMs)).toEqual({
    batches: cut,
    isFirstJoined: true,
    skipped: null,
    endsAfterMs: 5_000,
    startsAfterMs: -Infinity,
    reason: 'the checkpoint no longer says where batches 0 to 41 ended',
  })
})

it('leaves out batches whose records are gone, and compares what is newer than all of them', () => {
  expect(planReplay(plan(batches), held(5, 30), latenessMs)).toEqual({
    batches: batches.slice(1),
    isFirstJoined: false,
    skipped: { watermarkMs: 0, newestMs: 6_000 },
    endsAfterMs: -Infinity,
    startsAfterMs: 6_000,
    reason: 'the log no longer holds what batch 0 read',
  })
})

it('does the same where nobody knows the beginning', () => {
  const { batches: left, reason } = planReplay(plan(batches, { hasStart: false }), held(0, 30), latenessMs)
  expect([left.length, reason]).toEqual([2, 'the checkpoint no longer says what batch 0 read'])
})

it('knows nothing of the newest event while the watermark is 0', () => {
  const early = [batch(0, 0, 10, 0), batch(1, 10, 20, 0), batch(2, 20, 30, 7_000)]
  expect(planReplay(plan(early), held(5, 30), latenessMs).skipped).toEqual({ watermarkMs: 0, newestMs: -Infinity })
})

it.each([
  ['all records are gone', plan(batches), held(25, 30), 'the log no longer holds what batches 0 to 2 read'],
  [
    'no watermark is known of what follows',
    plan([batch(0, 0, 10, null), batch(1, 10, 20, null)]),
    held(5, 30),
    'the log no longer holds what batch 0 read',
  ],
  ['the log ends early', plan(batches), held(0, 29), 'partition 0 ends at offset 29, and the query read it up to 30'],
  ['a partition is missing', plan(batches), new Map(), 'partition 0 is not there, and the query read it up to 30'],
] as const)('refuses where %s', (_, given, holds, message) => {
  expect(() => planReplay(given, holds, latenessMs)).toThrow(message)
})
