import type { AuditEntry, Page, StoredAlert, StoredTrend } from '../warehouse.ts'
import { readAlert, readAuditEntry, readTrend } from '../stored-rows.ts'
import { encodeText } from './row.ts'
import { instantOf, msOf, type Parameter } from './parameter.ts'
import type { PostgresSession } from './session.ts'

/** What the app remembers of itself. All writes are a few rows at a time, each inside a running transaction. */

const numberOrNull = (value: number | null): Parameter => (value === null ? null : String(value))

export async function saveAlerts(session: PostgresSession, alerts: readonly StoredAlert[]): Promise<void> {
  for (const alert of alerts) {
    await session.run(
      `INSERT INTO storepulse.alerts (id, raised_at, kind, severity, message, store_id, resolved_at)
        VALUES ($1, ${instantOf('$2')}, $3, $4, $5, $6, ${instantOf('$7')})
        ON CONFLICT (id, raised_at) DO UPDATE SET kind = excluded.kind, severity = excluded.severity,
          message = excluded.message, store_id = excluded.store_id, resolved_at = excluded.resolved_at`,
      [
        encodeText(alert.id),
        String(alert.raisedAtMs),
        encodeText(alert.kind),
        encodeText(alert.severity),
        encodeText(alert.message),
        numberOrNull(alert.storeId),
        numberOrNull(alert.resolvedAtMs),
      ],
    )
  }
}

/** Newest first. */
export const listAlerts = (session: PostgresSession, limit: number): Promise<readonly StoredAlert[]> =>
  session.read(
    `SELECT id, ${msOf('raised_at')}, kind, severity, message, store_id, ${msOf('resolved_at')}
      FROM storepulse.alerts ORDER BY raised_at DESC, id COLLATE "C" DESC LIMIT $1`,
    [String(limit)],
    readAlert,
  )

export async function saveTrends(session: PostgresSession, points: readonly StoredTrend[]): Promise<void> {
  for (const { atMs, customers, dataQuality, p50Ms } of points) {
    await session.run(
      `INSERT INTO storepulse.trends (measured_at, customers, p50_ms, data_quality)
        VALUES (${instantOf('$1')}, $2, $3, $4)
        ON CONFLICT (measured_at) DO UPDATE SET customers = excluded.customers, p50_ms = excluded.p50_ms,
          data_quality = excluded.data_quality`,
      [String(atMs), numberOrNull(customers), numberOrNull(p50Ms), numberOrNull(dataQuality)],
    )
  }
}

/** Oldest first. */
export const listTrends = (session: PostgresSession, sinceMs: number): Promise<readonly StoredTrend[]> =>
  session.read(
    `SELECT ${msOf('measured_at')}, customers, p50_ms, data_quality FROM storepulse.trends
      WHERE measured_at >= ${instantOf('$1')} ORDER BY measured_at`,
    [String(sinceMs)],
    readTrend,
  )

/** Entries that are written at once, by this process or another, wait for each other: their numbers have no gap. */
export async function appendAudit(session: PostgresSession, entry: AuditEntry): Promise<void> {
  await session.run('LOCK TABLE storepulse.audit IN SHARE ROW EXCLUSIVE MODE')
  await session.run(
    `INSERT INTO storepulse.audit (entry, done_at, who, action, subject, detail)
      SELECT coalesce(max(entry), 0) + 1, ${instantOf('$1')}, $2, $3, $4, $5 FROM storepulse.audit`,
    [String(entry.atMs), ...[entry.who, entry.action, entry.subject, entry.detail].map(encodeText)],
  )
}

/** Newest first. */
export const listAudit = (session: PostgresSession, page: Page): Promise<readonly AuditEntry[]> =>
  session.read(
    `SELECT ${msOf('done_at')}, who, action, subject, detail FROM storepulse.audit
      ORDER BY entry DESC LIMIT $1 OFFSET $2`,
    [String(page.limit), String(page.offset)],
    readAuditEntry,
  )

/** Keeps the newest alerts and those that hold, and the trends of the time since. */
export async function trimOperations(
  session: PostgresSession,
  alertRows: number,
  trendsBeforeMs: number,
): Promise<void> {
  await session.run(
    `DELETE FROM storepulse.alerts t USING (
        SELECT id, raised_at FROM storepulse.alerts ORDER BY raised_at DESC, id COLLATE "C" DESC OFFSET $1
      ) s
      WHERE t.id = s.id AND t.raised_at = s.raised_at AND t.resolved_at IS NOT NULL`,
    [String(alertRows)],
  )
  await session.run(`DELETE FROM storepulse.trends WHERE measured_at < ${instantOf('$1')}`, [String(trendsBeforeMs)])
}
