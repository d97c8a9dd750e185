import { Fault } from '../base/fault.ts'
import type { EpochRecord, Readmission, ReadRecord } from '../events/epoch.ts'
import type { LogRecord, RecordRef } from '../events/record.ts'
import type { EventLog, LogPosition, LogReader } from '../log/log.ts'
import type { Progress, Warehouse } from '../warehouse/warehouse.ts'
import type { ReadingStage } from './reading.ts'
import { findKept } from './readmission.ts'
import { areReadmissions, leaveCounted, splitAtReadmissions } from './set-aside.ts'

/** One step of going over known ground again: a stretch of records, or an idle close where it happened. */
export type RetracedStep =
  | { readonly kind: 'records'; readonly records: readonly LogRecord[]; readonly readAtMs: number }
  | { readonly kind: 'idle'; readonly watermarkMs: number }
  | { readonly kind: 'readmission'; readonly refs: readonly RecordRef[]; readonly readAtMs: number }

const readBytes = 16_777_216
const pageEpochs = 10_000

/** What the ledger must tell so that a log can be gone over again: every epoch, or the idle closes where the log has its own order. */
export async function listRetraced(
  { order }: EventLog,
  warehouse: Warehouse,
  fromEpoch: number,
): Promise<readonly EpochRecord[]> {
  if (order === 'log') return await warehouse.listIdleEpochs(fromEpoch)
  const epochs: EpochRecord[] = []
  while (true) {
    const page = await warehouse.listEpochs((epochs.at(-1)?.epoch ?? fromEpoch - 1) + 1, pageEpochs)
    epochs.push(...page)
    if (page.length < pageEpochs) return epochs
  }
}

/**
 * Where the reading of these epochs began, by what their ranges say.
 *
 * @throws Fault `log-gap` when epochs from `fromEpoch` to the last commit are missing
 */
export function findLedgerStart(
  epochs: readonly EpochRecord[],
  fromEpoch: number,
  { epoch, offsets }: Progress,
): readonly LogPosition[] {
  const isWhole = epochs.every((record, index) => record.epoch === fromEpoch + index)
  if (!isWhole || epochs.length !== epoch - fromEpoch + 1) {
    throw new Fault('log-gap', `the ledger no longer holds every epoch from ${fromEpoch} to ${epoch}`, {
      hint: 'windows committed before stay as they are; start on a new warehouse to count what the log still holds',
    })
  }
  const first = new Map<string, number>()
  const read = epochs.filter(({ kind }) => kind === 'records')
  for (const { topic, partition, from } of read.flatMap(({ ranges }) => ranges)) {
    const key = `${topic}/${partition}`
    if (!first.has(key)) first.set(key, from)
  }
  return offsets.map(({ topic, partition, offset }) => ({
    topic,
    partition,
    offset: first.get(`${topic}/${partition}`) ?? offset,
  }))
}

/**
 * Reads the log up to `untilSequence` and puts every idle close of the ledger back between the two records it fell
 * between, so that applying the steps gives the state the first pass had.
 *
 * @param reader opened with the same `epochs`
 * @param epochs the ledger's after the reader's start, in order, as {@link listRetraced} gives them
 */
export async function* retrace(
  { order }: EventLog,
  reader: LogReader,
  epochs: readonly EpochRecord[],
  untilSequence: number,
  chunkRecords: number,
): AsyncGenerator<RetracedStep, void, void> {
  if (order === 'ledger') yield* retraceEpochs(reader, epochs, untilSequence, chunkRecords)
  else yield* retraceRecords(reader, epochs, untilSequence, chunkRecords)
}

const lackRecords = ({ epoch, records }: EpochRecord, left: number): Fault =>
  new Fault('log-gap', `the log no longer holds ${left} of the ${records} records of epoch ${epoch}`, {
    hint: 'windows committed before stay as they are; start on a new warehouse to count what the log still holds',
  })

async function* retraceEpochs(
  reader: LogReader,
  epochs: readonly EpochRecord[],
  untilSequence: number,
  chunkRecords: number,
): AsyncGenerator<RetracedStep, void, void> {
  for (const epoch of epochs) {
    if (epoch.kind === 'idle' && epoch.watermarkMs !== null) yield { kind: 'idle', watermarkMs: epoch.watermarkMs }
    if (epoch.kind === 'readmission') {
      const refs = epoch.ranges.map(({ topic, partition, from }) => ({ topic, partition, offset: from }))
      yield { kind: 'readmission', refs, readAtMs: epoch.readAtMs }
      continue
    }
    let left = epoch.records
    while (left > 0 && epoch.untilSequence <= untilSequence) {
      const records = await reader.read(Math.min(left, chunkRecords), readBytes)
      if (records.length === 0) throw lackRecords(epoch, left)
      left -= records.length
      yield { kind: 'records', records, readAtMs: epoch.readAtMs }
    }
  }
}

async function* retraceRecords(
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
    // What has come since is read for the first time later; a close right before it still belongs here.
    const records = (await reader.read(chunkRecords, readBytes)).filter(({ sequence }) => sequence < untilSequence)
    if (records.length === 0) break
    let from = 0
    while (from < records.length) {
      yield* dueBefore(records[from]?.sequence ?? untilSequence)
      const stopAt = Math.min(untilSequence, pending[0]?.fromSequence ?? untilSequence)
      let until = from
      while (until < records.length && (records[until]?.sequence ?? stopAt) < stopAt) until += 1
      // The log has its own times: nothing depends on when a record was read.
      for (const stretch of splitAtReadmissions(records.slice(from, until))) {
        yield { kind: 'records', records: stretch, readAtMs: 0 }
      }
      from = until
    }
  }
  yield* dueBefore(untilSequence)
}

/** What a record was before it counted after all. */
async function describeReadmission(ref: RecordRef, warehouse: Warehouse): Promise<Readmission> {
  const rejected = await warehouse.findQuarantined(ref)
  const reason = rejected?.reason ?? (await warehouse.findEvicted(ref))?.reason ?? null
  const kept = rejected && findKept(rejected)
  return { ref, was: reason === null ? 'late' : 'invalid', reason, ...(kept ? { kept } : {}) }
}

/** What is to be applied again at a step that is no idle close, of what went before the warehouse knows. @throws Fault `log-gap` for re-admitted records that are gone */
export async function readStep(
  step: Exclude<RetracedStep, { readonly kind: 'idle' }>,
  reading: ReadingStage,
  warehouse: Warehouse,
): Promise<readonly ReadRecord[]> {
  if (step.kind === 'records') {
    const read = await reading.decode(step.records, step.readAtMs)
    return areReadmissions(step.records) ? await leaveCounted(read, warehouse) : read
  }
  const readmissions: Readmission[] = []
  for (const ref of step.refs) {
    readmissions.push(await describeReadmission(ref, warehouse))
  }
  const read = await reading.readAgain(readmissions, step.readAtMs)
  if (read.length === step.refs.length) return read
  throw new Fault('log-gap', `the log no longer holds ${step.refs.length - read.length} records that were re-admitted`)
}
