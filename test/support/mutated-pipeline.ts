import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isDeepStrictEqual } from 'node:util'
import { rejectionReasons } from '../../core/events/decoded.ts'
import type { Board } from '../../core/protocol/board.ts'
import { makeMutatedRecords } from './mutated-records.ts'
import { type OracleRecord, recompute } from './oracle.ts'
import { readEvent } from './oracle-event.ts'
import { jsonLines, lastJson, runStorepulse } from './storepulse.ts'

const hourMs = 3_600_000
const rules = { futureMs: 300_000, zone: 'UTC' } as const
/** What is kept of a quarantined record. */
const keptBytes = 65_536

const envelopeOf = ({ topic, bytes }: OracleRecord): string =>
  bytes === null
    ? `{"topic":"${topic}","key":null,"value":null}\n`
    : `{"topic":"${topic}","key":null,"base64":"${Buffer.from(bytes).toString('base64')}"}\n`

async function query<Row>(home: string, sql: string): Promise<readonly Row[]> {
  return jsonLines<Row>(await runStorepulse(['query', sql, '--json'], { home }))
}

interface SummaryRow {
  readonly key: string
  readonly total_transactions: number
  readonly total_revenue: string | null
}
interface QuarantineRow {
  readonly topic: string
  readonly reason: string
  readonly sha256: string
  readonly n: string
}

/** A window's revenue as the table has it: null where its twelve digits do not hold the sum. */
function formatRevenue(cents: bigint): string | null {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0')
  return digits.length > 12 ? null : `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** What the oracle has in quarantine: topic, reason, hash of the whole, length of what is kept. */
const quarantineOf = (records: readonly OracleRecord[], nowMs: number): readonly string[] =>
  records.flatMap(({ topic, bytes }) => {
    const event = bytes === null ? null : readEvent(topic, bytes, nowMs, rules)
    if (bytes === null || event?.type !== 'rejected') return []
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return [`${topic} ${event.reason} ${sha256} ${Math.min(keptBytes, bytes.length)}`]
  })

/** What an import of mutated records into a new data directory and a catch-up came to. */
export interface MutatedRun {
  readonly board: Board
  readonly quarantined: number
  readonly differences: readonly string[]
}

/**
 * The real command on mutated records: `import`, `run --until-caught-up`, and then the board, the table and the
 * quarantine held against the oracle's. The records are of the last hours, so that a year more is the future.
 *
 * @param home an empty data directory
 */
export async function runMutatedPipeline(home: string, seed: number, count: number): Promise<MutatedRun> {
  const fromMs = Math.floor(Date.now() / hourMs - 3) * hourMs
  const records = makeMutatedRecords(seed, count, fromMs)
  const file = join(home, 'mutated.ndjson')
  await pipeline(Readable.from(records.map(envelopeOf)), createWriteStream(file))
  const differences: string[] = []
  const hold = (what: string, found: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(found, expected)) differences.push(`${what} differ (seed ${seed}, from ${fromMs})`)
  }
  const nowMs = Date.now()
  const imported = await runStorepulse(['import', file, '--json'], { home })
  if (imported.code !== 0) throw new Error(`the import failed: ${imported.stderr}`)
  hold('imports', lastJson<{ imported: number }>(imported).imported, records.length)
  const ran = await runStorepulse(['run', '--until-caught-up', '--json'], { home })
  if (ran.code !== 0) throw new Error(`the run failed: ${ran.stderr}`)
  const board = lastJson<Board>(ran)
  const truth = recompute(records.map((record) => ({ ...record, appendedAtMs: nowMs })))
  hold('counters', board.perTopic, truth.counters)
  const reasons = rejectionReasons.map((reason) => [reason, truth.invalidByReason.get(reason) ?? 0])
  hold('reasons', board.invalidByReason, Object.fromEntries(reasons))
  for (const counts of [board.records, ...Object.values(board.perTopic)]) {
    const { received, counted, late, duplicate, invalid, tombstone } = counts
    hold('identities', received, counted + late + duplicate + invalid + tombstone)
  }
  const table = await query<SummaryRow>(
    home,
    "SELECT store_id || '@' || epoch_ms(window_start) AS key, total_transactions, total_revenue FROM transactions_summary",
  )
  hold(
    'tables',
    table.map((row) => `${row.key} ${row.total_transactions} ${row.total_revenue}`).sort(),
    [...truth.windows].map(([key, { count: n, cents }]) => `${key} ${n} ${formatRevenue(cents)}`).sort(),
  )
  const quarantine = await query<QuarantineRow>(
    home,
    'SELECT topic, reason, sha256, octet_length(bytes) AS n FROM storepulse.quarantine',
  )
  hold(
    'quarantines',
    quarantine.map((row) => `${row.topic} ${row.reason} ${row.sha256} ${row.n}`).sort(),
    [...quarantineOf(records, nowMs)].sort(),
  )
  return { board, quarantined: quarantine.length, differences }
}
