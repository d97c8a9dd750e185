import { createRandom } from '../../core/base/random.ts'
import type { AppliedEpoch, CountedSale } from '../../core/events/epoch.ts'
import { emptyCounters } from '../../core/stream/counters.ts'
import { makeRecord } from './records.ts'

/** A committed epoch of live sales, each appended when it was made. Without a sale it holds a record of another topic. */
export function makeLiveEpoch(
  sales: readonly { readonly storeId: number; readonly atMs: number }[],
  committedAtMs: number,
): AppliedEpoch {
  const counted = sales.map(
    ({ atMs, storeId }): CountedSale => ({
      storeId,
      eventTimeMs: atMs,
      appendedAtMs: atMs,
      cents: 100,
      customerHashHigh: 0,
      customerHashLow: 0,
      live: true,
    }),
  )
  return {
    epoch: 1,
    records: [
      {
        record: makeRecord('{}', { topic: 'customer-events', appendedAtMs: committedAtMs }),
        decoded: { type: 'tombstone' },
      },
    ],
    outcome: {
      watermarkMs: null,
      rows: [],
      amendments: [],
      late: [],
      quarantined: [],
      readmitted: [],
      conflicts: [],
      counters: emptyCounters(),
      sales: counted,
      overflowed: [],
      idHorizonMs: null,
    },
    readAtMs: committedAtMs,
    aggregatedAtMs: committedAtMs,
    committedAtMs,
  }
}

/** Sales of a store as a Poisson process: the instants from `fromMs` on, for ever. */
export function* drawSales(storeId: number, meanGapMs: number, fromMs: number, seed = 1): Generator<number> {
  const random = createRandom(seed, `store ${storeId}`)
  for (let atMs = fromMs; ; ) {
    atMs += Math.max(1, Math.round(meanGapMs * random.nextExponential()))
    yield atMs
  }
}
