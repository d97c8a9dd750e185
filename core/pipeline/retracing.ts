import type { EpochRecord } from '../events/epoch.ts'
import type { LogRecord } from '../events/record.ts'
import type { LogReader } from '../log/log.ts'

/** One step of going over known ground again: a stretch of records, or an idle close where it happened. */
export type RetracedStep =
  | { readonly kind: 'records'; readonly records: readonly LogRecord[] }
  | { readonly kind: 'idle'; readonly watermarkMs: number }

/**
 * Reads the log up to `untilSequence` and puts every idle close of the ledger back between the two records it fell
 * between, so that applying the steps gives the state the first pass had.
 *
 * @param idle the ledger's idle epochs after the reader's start, in order
 */
export async function* retrace(
  reader: LogReader,
  idle: readonly EpochRecord[],
  untilSequence: number,
  chunkRecords: number,
): AsyncGenerator<RetracedStep, void, void> {
  const pending = [...idle]
  const dueBefore = function* (sequence: number): Generator<RetracedStep, void, void> {
    while (pending[0] && pending[0].fromSequence <= sequence) {
      const { watermarkMs } = pending[0]
      pending.shift()
      if (watermarkMs !== null) yield { kind: 'idle', watermarkMs }
    }
  }
  while (reader.nextSequence < untilSequence) {
    const records = await reader.read(chunkRecords, 16_777_216)
    if (records.length === 0) break
    let from = 0
    while (from < records.length) {
      const first = records[from]
      if (!first || first.sequence >= untilSequence) return
      yield* dueBefore(first.sequence)
      const stopAt = Math.min(untilSequence, pending[0]?.fromSequence ?? untilSequence)
      let until = from
      while (until < records.length && (records[until]?.sequence ?? stopAt) < stopAt) until += 1
      yield { kind: 'records', records: records.slice(from, until) }
      from = until
    }
  }
  yield* dueBefore(untilSequence)
}
