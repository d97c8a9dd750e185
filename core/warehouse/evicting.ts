import type { LedgerName, LedgerRows, LedgerSums } from './warehouse.ts'

/** What the statements below differ by between the databases. */
export interface LedgerDialect {
  /** The order of every list of a ledger: newest first. */
  readonly newestFirst: string
  /** Type that holds any sum of cents. */
  readonly wide: string
  /** Records named by $1 (topics), $2 (partitions) and $3 (offsets), as a table `s`. */
  readonly refs: string
}

/** Adds what a query counts (ledger, name, records, cents, readmitted, readmitted_cents) to what is forgotten. */
const addForgotten = (query: string): string =>
  `INSERT INTO storepulse.forgotten (ledger, name, records, cents, readmitted, readmitted_cents) ${query}
    ON CONFLICT (ledger, name) DO UPDATE SET records = forgotten.records + excluded.records,
      cents = forgotten.cents + excluded.cents, readmitted = forgotten.readmitted + excluded.readmitted,
      readmitted_cents = forgotten.readmitted_cents + excluded.readmitted_cents`

const sameRecord = 't.topic = s.topic AND t.partition = s.partition AND t.record_offset = s.record_offset'

const contentsOf = {
  late: 'CAST(NULL AS text), store_id, cents',
  quarantine: 'reason, CAST(NULL AS integer), CAST(NULL AS bigint)',
} as const

/** Moves what lies beyond the newest $1 rows of a ledger to where only its place is remembered: one parameter, then none. */
export const listEvictSql = (
  ledger: 'late' | 'quarantine',
  { newestFirst }: LedgerDialect,
): readonly [string, string] => [
  `INSERT INTO storepulse.evicted
    SELECT '${ledger}', topic, partition, record_offset, ${contentsOf[ledger]}, epoch, readmitted_at
    FROM storepulse.${ledger} ORDER BY ${newestFirst} OFFSET $1`,
  `DELETE FROM storepulse.${ledger} t USING storepulse.evicted s WHERE s.ledger = '${ledger}' AND ${sameRecord}`,
]

/** Leaves of conflicts beyond the newest $1 no more than their number: two statements of one parameter. */
export const listDropConflictsSql = ({ newestFirst }: LedgerDialect): readonly string[] => {
  const beyond = `SELECT topic, partition, record_offset FROM storepulse.conflicts ORDER BY ${newestFirst} OFFSET $1`
  return [
    addForgotten(`SELECT 'conflicts', topic, count(*), 0, 0, 0 FROM (${beyond}) s GROUP BY topic`),
    `DELETE FROM storepulse.conflicts t USING (${beyond}) s WHERE ${sameRecord}`,
  ]
}

const forget = (beyond: string): readonly string[] => [
  addForgotten(
    `SELECT t.ledger, coalesce(CAST(t.store_id AS text), t.reason),
        sum(CASE WHEN t.readmitted_at IS NULL THEN 1 ELSE 0 END),
        sum(CASE WHEN t.readmitted_at IS NULL THEN coalesce(t.cents, 0) ELSE 0 END),
        sum(CASE WHEN t.readmitted_at IS NULL THEN 0 ELSE 1 END),
        sum(CASE WHEN t.readmitted_at IS NULL THEN 0 ELSE coalesce(t.cents, 0) END)
      FROM storepulse.evicted t, ${beyond} GROUP BY 1, 2`,
  ),
  `DELETE FROM storepulse.evicted t USING ${beyond}`,
]

/** Leaves of evicted rows before the offsets $3 of the partitions $1, $2 no more than their sums: the log has lost them. */
export const listForgetLostSql = ({ refs }: LedgerDialect): readonly string[] =>
  forget(`${refs} WHERE t.topic = s.topic AND t.partition = s.partition AND t.record_offset < s.record_offset`)

/** The same of those beyond the newest $1. */
export const listForgetOldestSql = ({ newestFirst }: LedgerDialect): readonly string[] =>
  forget(
    `(SELECT topic, partition, record_offset FROM storepulse.evicted ORDER BY ${newestFirst} OFFSET $1) s
      WHERE ${sameRecord}`,
  )

/** Purges quarantined records that were not re-admitted, all or those named, and counts them: two statements. */
export const listPurgeSql = ({ refs }: LedgerDialect, isAll: boolean): readonly [string, string] => {
  const which = isAll ? 't.readmitted_at IS NULL' : `${sameRecord} AND t.readmitted_at IS NULL`
  return [
    addForgotten(
      `SELECT 'purged', t.reason, count(*), 0, 0, 0
        FROM storepulse.quarantine t${isAll ? '' : `, ${refs}`} WHERE ${which} GROUP BY t.reason`,
    ),
    `DELETE FROM storepulse.quarantine t${isAll ? '' : ` USING ${refs}`} WHERE ${which}`,
  ]
}

const lateRow = (from: string): string =>
  `SELECT store_id, CASE WHEN readmitted_at IS NULL THEN 1 ELSE 0 END AS records,
    CASE WHEN readmitted_at IS NULL THEN cents ELSE 0 END AS cents,
    CASE WHEN readmitted_at IS NULL THEN 0 ELSE 1 END AS readmitted,
    CASE WHEN readmitted_at IS NULL THEN 0 ELSE cents END AS readmitted_cents FROM ${from}`

/** Store, records, cents, re-admitted ones, their cents. */
export const sumLateSql = ({ wide }: LedgerDialect): string =>
  `SELECT store_id, CAST(sum(records) AS bigint), CAST(sum(cents) AS ${wide}), CAST(sum(readmitted) AS bigint),
    CAST(sum(readmitted_cents) AS ${wide})
  FROM (${lateRow('storepulse.late')}
    UNION ALL ${lateRow("storepulse.evicted WHERE ledger = 'late'")}
    UNION ALL SELECT CAST(name AS integer), records, cents, readmitted, readmitted_cents
      FROM storepulse.forgotten WHERE ledger = 'late') s
  GROUP BY store_id ORDER BY store_id`

const countKept = (ledger: LedgerName): string =>
  `SELECT '${ledger}' AS ledger, count(*) AS kept, 0 AS evicted, 0 AS purged FROM storepulse.${ledger}`

/** Ledger, rows kept, evicted, purged. */
export const countRowsSql = `SELECT ledger, CAST(sum(kept) AS bigint), CAST(sum(evicted) AS bigint),
    CAST(sum(purged) AS bigint)
  FROM (${countKept('late')} UNION ALL ${countKept('quarantine')} UNION ALL ${countKept('conflicts')}
    UNION ALL SELECT ledger, 0, count(*), 0 FROM storepulse.evicted GROUP BY ledger
    UNION ALL SELECT ledger, 0, records + readmitted, 0 FROM storepulse.forgotten WHERE ledger <> 'purged'
    UNION ALL SELECT 'quarantine', 0, 0, records FROM storepulse.forgotten WHERE ledger = 'purged') s
  GROUP BY ledger`

const noRows: LedgerRows = { kept: 0, evicted: 0, purged: 0 }

/** Puts the rows of {@link countRowsSql} in their places. */
export function describeRows(found: readonly (readonly [string, LedgerRows])[]): LedgerSums['rows'] {
  const rows = new Map(found)
  const rowsOf = (ledger: LedgerName): LedgerRows => rows.get(ledger) ?? noRows
  return { late: rowsOf('late'), quarantine: rowsOf('quarantine'), conflicts: rowsOf('conflicts') }
}

/** Nothing was ever late or rejected. */
export const noLedgerSums: LedgerSums = { late: [], rows: describeRows([]) }
