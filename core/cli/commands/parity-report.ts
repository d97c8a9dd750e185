import { countProblems, formatRef, type ParityReport, type RowDifference } from '../../host/parity.ts'
import { formatCount } from '../terminal/number-text.ts'

const formatInstant = (ms: number): string => new Date(ms).toISOString()
const plural = (count: number, one: string): string => `${formatCount(count)} ${one}${count === 1 ? '' : 's'}`

/** Whether the table is not what the batches give, as far as that is anyone's error. */
export const hasFailed = (report: ParityReport): boolean =>
  countProblems(report) > 0 || report.mismatches.some(({ movedBy }) => movedBy === null)

/** What was found, one JSON object each, before the counts. */
export function* listDetails(report: ParityReport): Generator<unknown, void, void> {
  for (const { outcome, startMs, storeId, columns, rejected } of report.differences) {
    yield {
      row: outcome,
      windowStart: formatInstant(startMs),
      storeId,
      columns,
      ...(rejected.length > 0 ? { rejected: rejected.map(formatRef) } : {}),
    }
  }
  for (const { batch, recordedMs, replayedMs, movedBy } of report.mismatches) {
    yield {
      watermark: movedBy === null ? 'differs' : 'rejectedByUs',
      batch,
      checkpoint: formatInstant(recordedMs),
      replayed: formatInstant(replayedMs),
      ...(movedBy === null ? {} : { rejected: formatRef(movedBy) }),
    }
  }
  const { batches, firstBatch, lastBatch, lateSales, mode, notCompared, nullCustomers, openBatch, openWindows } = report
  const replayed = { batches, firstBatch, lastBatch, sales: report.sales, lateSales, rejectedRecords: report.rejected }
  yield { replayed: { ...replayed, nullCustomers, mode, openWindows, openBatch, notCompared } }
}

/** One difference in a sentence. */
export function describeDifference({ columns, outcome, rejected, startMs, storeId }: RowDifference): string {
  const row = `store ${storeId} at ${formatInstant(startMs)}`
  const values = columns
    .map(({ by, column, replayed, table }) => {
      const difference = by === null ? '' : ` (${by.startsWith('-') ? '' : '+'}${by})`
      return `${column} is ${table ?? 'null'}, replayed ${replayed ?? 'null'}${difference}`
    })
    .join('; ')
  const records = rejected.length === 0 ? '' : `; rejected by us: ${rejected.map(formatRef).join(', ')}`
  switch (outcome) {
    case 'missing':
      return `missing       ${row}: not in the table${records}`
    case 'extra':
      return `extra         ${row}: not in the batches${records}`
    case 'differs':
      return `differs       ${row}: ${values}${records}`
    case 'rejectedByUs':
      return `rejectedByUs  ${row}: ${values}${records}`
    default:
      return outcome satisfies never
  }
}

function* describeNotes(report: ParityReport): Generator<string, void, void> {
  for (const { batch, movedBy, recordedMs, replayedMs } of report.mismatches) {
    const why =
      movedBy === null
        ? 'check window.latenessMs, and that the job counts by the same rules'
        : `moved by ${formatRef(movedBy)}, which we reject`
    const said = `batch ${batch}: the checkpoint's watermark is ${formatInstant(recordedMs)}`
    yield `${said}, the records give ${formatInstant(replayedMs)}; ${why}`
  }
  const { notCompared, nullCustomers, openBatch, openWindows } = report
  if (notCompared) yield `${plural(notCompared.rows, 'row')} not compared: ${notCompared.reason}`
  if (openBatch) {
    const where = openBatch.isInTable ? 'the table has it' : 'the table is compared as it was before it'
    yield `batch ${openBatch.number} is planned and not committed; ${where}`
  }
  if (report.mode === 'append' && openWindows > 0) yield `${plural(openWindows, 'window')} still open, not written yet`
  if (nullCustomers > 0) yield `${plural(nullCustomers, 'sale')} of customers that are no such integer, taken for null`
}

/** The figures, for people. */
export function describeReport(report: ParityReport): readonly string[] {
  const { batches, counts, firstBatch, lastBatch, lateSales, mode, rejected, sales } = report
  const more = report.differences.length - 50
  const numbers = batches === 0 ? 'none' : `${firstBatch} to ${lastBatch}`
  const replayed = `batches replayed: ${formatCount(batches)} (${numbers}), ${mode} mode`
  const records = `${plural(sales, 'sale')}, ${formatCount(lateSales)} of them late for Spark, ${plural(rejected, 'record')} rejected`
  const outcomes = [
    `${formatCount(counts.same)} same`,
    `${formatCount(counts.lateInSpark)} late in Spark`,
    `${formatCount(counts.missing)} missing`,
    `${formatCount(counts.extra)} extra`,
    `${formatCount(counts.differs)} differ`,
    `${formatCount(counts.rejectedByUs)} rejected by us`,
  ]
  return [
    ...(more > 0 ? [`and ${formatCount(more)} more`] : []),
    ...describeNotes(report),
    `${replayed}; ${records}`,
    `${plural(counts.windows, 'window')}: ${outcomes.join(', ')}`,
  ]
}
