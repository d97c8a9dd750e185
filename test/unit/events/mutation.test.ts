import { expect, it } from 'vitest'
import { rejectionReasons } from '../../../core/events/decoded.ts'
import { runMutationRound } from '../../support/mutation-round.ts'

const messages = 10_000

it.each(Array.from({ length: 10 }, (_, index) => index + 1))(
  'gives mutated records of seed %i the outcomes that the oracle gives them, and the same table',
  (seed) => {
    const round = runMutationRound(seed, messages)
    expect(round.differences.slice(0, 5)).toEqual([])
    expect(round.messages).toBe(messages)
    // Neither way of decoding is left out, and nearly all reasons come in every round.
    expect(round.scanned).toBeGreaterThan(messages / 10)
    const missing = rejectionReasons.filter((reason) => !round.truth.invalidByReason.has(reason))
    expect(missing.filter((reason) => reason !== 'too_large')).toEqual([])
    const { counted, late, duplicate, tombstone } = round.truth.counters['retail-transactions']
    expect(Math.min(counted, late, duplicate, tombstone)).toBeGreaterThan(0)
  },
  60_000,
)
