import { createHash } from 'node:crypto'
import { type EpochRecord } from '../../../core/events/epoch.ts'
import { formatRef, type RecordRef } from '../../../core/events/record.ts'
import type { StoredWindow, Warehouse } from '../../../core/warehouse/warehouse.ts'
import { defaultOracleOptions, type OracleRecord, type OracleResult, type OracleStep, recompute } from '../oracle.ts'
import type { OracleWindow } from '../oracle-rules.ts'
import { estimatePlainly, readStoredRegisters, registersOf } from '../oracle-sketch.ts'

/** A record with its place in the log. */
export interface PlacedRecord extends OracleRecord {
  readonly offset: number
}

/** What the log holds, in its order, with what the ledger says of the time between two records. */
export interface Truth {
  readonly steps: readonly (PlacedRecord | Exclude<OracleStep, OracleRecord>)[]
  readonly futureMs: number
}

const everything = 1_000_000
const keptBytes = 65_536
const isRecord = (step: Truth['steps'][number]): step is PlacedRecord => 'topic' in step

const refOf = ({ offset, partition, topic }: PlacedRecord): string => formatRef({ topic, partition, offset })
const list = (names: Iterable<string>): string => [...names].sort().join(' ')

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

/** Notes what is not as it must be; all of it is wrong, the first few are said. */
interface Findings {
  expect(what: string, found: unknown, wanted: unknown): void
  readonly differences: string[]
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing'

function createFindings(): Findings {
  const differences: string[] = []
  return {
    differences,
    expect(what, found, wanted) {
      const [is, must] = [asText(found), asText(wanted)]
      if (is !== must) differences.push(`${what}: ${is.slice(0, 300)}, must be ${must.slice(0, 300)}`)
    },
  }
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

/** Entries of a ledger against the records that must be in it, exactly once. */
function compareLedger(
  findings: Findings,
  name: string,
  entries: readonly { readonly ref: RecordRef; readonly readmittedAtMs: number | null }[],
  wanted: readonly PlacedRecord[],
  oracle: OracleResult,
): void {
  findings.expect(name, list(entries.map(({ ref }) => formatRef(ref))), list(wanted.map(refOf)))
  findings.expect(
    `${name}, counted after all`,
    list(entries.filter(({ readmittedAtMs }) => readmittedAtMs !== null).map(({ ref }) => formatRef(ref))),
    list(wanted.filter((record) => oracle.readmitted.has(record)).map(refOf)),
  )
}

async function compareLedgers(
  findings: Findings,
  warehouse: Warehouse,
  records: readonly PlacedRecord[],
  oracle: OracleResult,
): Promise<void> {
  const outcomeOf = (record: PlacedRecord): string => oracle.outcomes.get(record) ?? 'none'
  const late = await warehouse.listLate({ limit: everything, offset: 0 })
  compareLedger(
    findings,
    'late ledger',
    late,
    records.filter((record) => outcomeOf(record) === 'late'),
    oracle,
  )
  const quarantined = await warehouse.listQuarantine({ limit: everything, offset: 0 })
  const valid = ['late', 'counted', 'duplicate', 'tombstone']
  const rejected = records.filter((record) => !valid.includes(outcomeOf(record)))
  compareLedger(findings, 'quarantine', quarantined, rejected, oracle)
  const byRef = new Map(quarantined.map((entry) => [formatRef(entry.ref), entry]))
  for (const record of rejected) {
    const entry = byRef.get(refOf(record))
    const bytes = record.bytes ?? new Uint8Array()
    const digest = createHash('sha256').update(bytes).digest('hex')
    const isSame = entry && Buffer.from(entry.bytes).equals(bytes.subarray(0, keptBytes))
    findings.expect(
      `quarantined ${refOf(record)}`,
      [entry?.reason, entry?.sha256, entry?.sizeBytes, isSame],
      [outcomeOf(record), digest, bytes.length, true],
    )
  }
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

/**
 * Everything in which a warehouse is not what the records make it: windows with their customers' registers, the user's
 * table, counters, ledgers, offsets, epochs.
 */
export async function findDifferences(warehouse: Warehouse, { futureMs, steps }: Truth): Promise<readonly string[]> {
  const oracle = recompute(steps, { ...defaultOracleOptions, futureMs })
  const records = steps.filter(isRecord)
  const findings = createFindings()
  compareWindows(findings, await warehouse.listWindows(0, Date.UTC(2200, 0)), oracle)
  await compareUserTable(findings, warehouse, oracle)
  const progress = await warehouse.loadProgress()
  const counters = progress?.counters
  findings.expect('watermark', progress?.watermarkMs, oracle.watermarkMs)
  for (const [topic, wanted] of Object.entries(oracle.counters)) {
    const found = Object.entries(counters?.perTopic ?? {}).find(([name]) => name === topic)?.[1]
    findings.expect(`counters of ${topic}`, found, wanted)
    const { counted, duplicate, invalid, late, received, tombstone } = found ?? wanted
    findings.expect(`identity of ${topic}`, received, counted + late + duplicate + invalid + tombstone)
  }
  const reasons = Object.entries(counters?.invalidByReason ?? {}).filter(([, count]) => count > 0)
  findings.expect(
    'rejections',
    list(reasons.map(([reason, count]) => `${reason}=${count}`)),
    list([...oracle.invalidByReason].filter(([, count]) => count > 0).map(([reason, count]) => `${reason}=${count}`)),
  )
  await compareLedgers(findings, warehouse, records, oracle)
  compareEpochs(findings, await warehouse.listEpochs(0, everything), records)
  return findings.differences
}
