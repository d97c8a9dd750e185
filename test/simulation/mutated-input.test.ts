import { expect, it } from 'vitest'
import { rejectionReasons } from '../../core/events/decoded.ts'
import { runMutatedPipeline } from '../support/mutated-pipeline.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

it('turns mutated records into the oracle’s counters, table and quarantine', async () => {
  const { board, quarantined, differences } = await runMutatedPipeline(makeTemporaryDirectory(), 1, 8_000)
  expect(differences).toEqual([])
  expect(board.records.received).toBe(8_000)
  expect(quarantined).toBe(board.records.invalid)
  // Records of more than 1 MiB are few: they outweigh all others.
  const missing = rejectionReasons.filter((reason) => board.invalidByReason[reason] === 0)
  expect(missing.filter((reason) => reason !== 'too_large')).toEqual([])
  expect(Math.min(board.records.counted, board.records.late, board.records.duplicate)).toBeGreaterThan(0)
})
