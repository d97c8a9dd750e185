import type { EpochRecord } from '../../../core/events/epoch.ts'
import { formatRef } from '../../../core/events/record.ts'
import type { Progress, StoredWindow, Warehouse } from '../../../core/warehouse/warehouse.ts'
import { defaultOracleOptions, type OracleResult, recompute } from '../oracle.ts'
import type { OracleWindow } from '../oracle-rules.ts'
import { estimatePlainly, readStoredRegisters, registersOf } from '../oracle-sketch.ts'
import { compareLedgers } from './compare-ledgers.ts'
import { createFindings, type Findings } from './findings.ts'
import { everything, isRecord, list, type PlacedRecord, refOf, type Truth } from './truth.ts'

/** Halves away from zero. */
function divideRound(dividend: bigint, divisor: bigint): bigint {
  const size = dividend < 0n ? -dividend : dividend
  const rounded = (size * 2n + divisor) / (divisor * 2n)
  return dividend < 0n ? -rounded : rounded
}

function formatCents(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function compareWindow(
  findings: Findings,
  key: string,
  stored: StoredWindow,
  window: OracleWindow,
  isFinal: boolean,
): void {
  const registers = registersOf(window.customers)
  const estimate = estimatePlainly(registers)
  findings.expect(
    `window ${key}`,
    [stored.transactions, stored.cents, stored.final, estimate === null ? null : stored.uniqueCustomers],
    [window.count, window.cents, isFinal, estimate],
  )
  // Only a closed window's sketch is kept.
  if (isFinal && stored.final) findings.expect(`sketch ${key}`, readStoredRegisters(stored.sketch), registers)
}

function compareWindows(findings: Findings, stored: readonly StoredWindow[], oracle: OracleResult): void {
  const byKey = new Map(stored.map((window) => [`${window.storeId}@${window.startMs}`, window]))
  findings.expect('stored windows, each once', stored.length, byKey.size)
  findings.expect('windows', list(byKey.keys()), list(oracle.windows.keys()))
  for (const [key, window] of oracle.windows) {
    const found = byKey.get(key)
    if (found) compareWindow(findings, key, found, window, oracle.final.has(key))
  }
}

const userTable = `SELECT CAST(window_start AS text), CAST(window_end AS text), store_id, total_transactions,
  CAST(total_revenue AS text), unique_customers, CAST(avg_transaction_value AS text), id, created_at IS NOT NULL
  FROM public.transactions_summary ORDER BY window_start, store_id`

const formatInstant = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

async function compareUserTable(findings: Findings, warehouse: Warehouse, oracle: OracleResult): Promise<void> {
  const { rows } = await warehouse.query(userTable, { timeoutMs: 60_000, maxRows: everything })
  const wanted = [...oracle.windows.values()]
    .sort((left, right) => left.startMs - right.startMs || left.storeId - right.storeId)
    .map(({ cents, count, customers, startMs, storeId }) => [
      formatInstant(startMs),
      formatInstant(startMs + defaultOracleOptions.sizeMs),
      storeId,
      count,
      formatCents(cents),
      estimatePlainly(registersOf(customers)),
      formatCents(divideRound(cents, BigInt(count))),
    ])
  findings.expect('rows of transactions_summary', rows.length, wanted.length)
  for (const [index, row] of rows.entries()) {
    const must = wanted[index]
    findings.expect(
      `row ${index}`,
      must?.[5] === null ? row.slice(0, 5) : row.slice(0, 7),
      must?.[5] === null ? must.slice(0, 5) : must,
    )
  }
  findings.expect('ids, each once', new Set(rows.map((row) => row[7])).size, rows.length)
}

/** Epochs follow each other without a gap, and every record is in the ranges of exactly one. */
function compareEpochs(findings: Findings, epochs: readonly EpochRecord[], records: readonly PlacedRecord[]): void {
  findings.expect(
    'epoch numbers',
    epochs.map(({ epoch }) => epoch),
    epochs.map((_, index) => index + 1),
  )
  const read = epochs.filter(({ kind }) => kind === 'records')
  for (const [index, epoch] of read.entries()) {
    findings.expect(
      `sequence of epoch ${epoch.epoch}`,
      epoch.fromSequence >= (read[index - 1]?.untilSequence ?? 0),
      true,
    )
  }
  const times = new Map(records.map((record) => [refOf(record), 0]))
  for (const { from, partition, topic, until } of read.flatMap(({ ranges }) => ranges)) {
    for (let offset = from; offset < until; offset += 1) {
      const ref = formatRef({ topic, partition, offset })
      const before = times.get(ref)
      if (before !== undefined) times.set(ref, before + 1)
    }
  }
  findings.expect(
    'records not in exactly one epoch',
    list([...times].filter(([, count]) => count !== 1).map(([ref]) => ref)),
    '',
  )
}

function compareProgress(
  findings: Findings,
  progress: Progress | null,
  records: readonly PlacedRecord[],
  oracle: OracleResult,
): void {
  const counters = progress?.counters
  findings.expect('watermark', progress?.watermarkMs, oracle.watermarkMs)
  for (const [topic, wanted] of Object.entries(oracle.counters)) {
    const found = Object.entries(counters?.perTopic ?? {}).find(([name]) => name === topic)?.[1]
    findings.expect(`counters of ${topic}`, found, wanted)
    const { counted, duplicate, invalid, late, received, tombstone } = found ?? wanted
    findings.expect(`identity of ${topic}`, received, counted + late + duplicate + invalid + tombstone)
  }
  const describe = (counts: Iterable<readonly [string, number]>): string =>
    list([...counts].filter(([, count]) => count > 0).map(([reason, count]) => `${reason}=${count}`))
  const reasons = Object.entries(counters?.invalidByReason ?? {})
  findings.expect('rejections', describe(reasons), describe(oracle.invalidByReason))
  const ends = new Map<string, number>()
  for (const { offset, partition, topic } of records) {
    const place = `${topic}/${partition}`
    ends.set(place, Math.max(ends.get(place) ?? 0, offset + 1))
  }
  for (const [place, end] of ends) {
    const found = progress?.offsets.find(({ partition, topic }) => `${topic}/${partition}` === place)
    findings.expect(`offset of ${place}`, found?.offset, end)
  }
}

/**
 * Everything in which a warehouse is not what the records make it: windows with their customers' registers, the user's
 * table, counters, ledgers, offsets, epochs.
 */
export async function findDifferences(warehouse: Warehouse, truth: Truth): Promise<readonly string[]> {
  const oracle = recompute(truth.steps, { ...defaultOracleOptions, futureMs: truth.futureMs })
  const records = truth.steps.filter(isRecord)
  const findings = createFindings()
  compareWindows(findings, await warehouse.listWindows(0, Date.UTC(2200, 0)), oracle)
  await compareUserTable(findings, warehouse, oracle)
  compareProgress(findings, await warehouse.loadProgress(), records, oracle)
  await compareLedgers(findings, warehouse, truth, oracle)
  compareEpochs(findings, await warehouse.listEpochs(0, everything), records)
  return findings.differences
}
