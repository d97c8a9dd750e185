import type { DuckdbSession } from '../../duckdb/session.ts'
import type { AuditEntry, Page, StoredAlert, StoredTrend } from '../warehouse.ts'
import { readAlert, readAuditEntry, readTrend } from '../stored-rows.ts'

/** What the app remembers of itself. All writes are a few rows at a time. */

export async function saveAlerts(session: DuckdbSession, alerts: readonly StoredAlert[]): Promise<void> {
  if (alerts.length === 0) return
  await session.transaction(async () => {
    for (const alert of alerts) {
      await session.run(
        `INSERT INTO storepulse.alerts (id, raised_at, kind, severity, message, store_id, resolved_at)
          SELECT $1, epoch_ms($2::BIGINT), $3, $4, $5, $6, epoch_ms($7::BIGINT)
          ON CONFLICT (id, raised_at) DO UPDATE SET kind = excluded.kind, severity = excluded.severity,
            message = excluded.message, store_id = excluded.store_id, resolved_at = excluded.resolved_at`,
        [alert.id, alert.raisedAtMs, alert.kind, alert.severity, alert.message, alert.storeId, alert.resolvedAtMs],
      )
    }
  })
}

/** Newest first. */
export const listAlerts = (session: DuckdbSession, limit: number): Promise<readonly StoredAlert[]> =>
  session.read(
    `SELECT id, epoch_ms(raised_at), kind, severity, message, store_id, epoch_ms(resolved_at)
      FROM storepulse.alerts ORDER BY raised_at DESC, id DESC LIMIT $1`,
    [limit],
    readAlert,
  )

export async function saveTrends(session: DuckdbSession, points: readonly StoredTrend[]): Promise<void> {
  if (points.length === 0) return
  await session.transaction(async () => {
    for (const { atMs, customers, dataQuality, p50Ms } of points) {
      await session.run(
        `INSERT INTO storepulse.trends (measured_at, customers, p50_ms, data_quality)
          SELECT epoch_ms($1::BIGINT), $2, $3::DOUBLE, $4::DOUBLE
          ON CONFLICT (measured_at) DO UPDATE SET customers = excluded.customers, p50_ms = excluded.p50_ms,
            data_quality = excluded.data_quality`,
        [atMs, customers, p50Ms, dataQuality],
      )
    }
  })
}

/** Oldest first. */
export const listTrends = (session: DuckdbSession, sinceMs: number): Promise<readonly StoredTrend[]> =>
  session.read(
    `SELECT epoch_ms(measured_at), customers, p50_ms, data_quality FROM storepulse.trends
      WHERE measured_at >= epoch_ms($1::BIGINT) ORDER BY measured_at`,
    [sinceMs],
    readTrend,
  )

export async function appendAudit(session: DuckdbSession, entry: AuditEntry): Promise<void> {
  await session.run(
    `INSERT INTO storepulse.audit (entry, done_at, who, action, subject, detail)
      SELECT coalesce(max(entry), 0) + 1, epoch_ms($1::BIGINT), $2, $3, $4, $5 FROM storepulse.audit`,
    [entry.atMs, entry.who, entry.action, entry.subject, entry.detail],
  )
}

/** Newest first. */
export const listAudit = (session: DuckdbSession, page: Page): Promise<readonly AuditEntry[]> =>
  session.read(
    `SELECT epoch_ms(done_at), who, action, subject, detail FROM storepulse.audit
      ORDER BY entry DESC LIMIT $1 OFFSET $2`,
    [page.limit, page.offset],
    readAuditEntry,
  )

async function trimAlerts(session: DuckdbSession, most: number): Promise<void> {
  const [rows] = await session.read('SELECT count(*) FROM storepulse.alerts', [], (row) => row.number(0))
  if ((rows ?? 0) <= most) return
  await session.run(
    `DELETE FROM storepulse.alerts t USING (
        SELECT id, raised_at FROM storepulse.alerts ORDER BY raised_at DESC, id DESC OFFSET $1
      ) s
      WHERE t.id = s.id AND t.raised_at = s.raised_at AND t.resolved_at IS NOT NULL`,
    [most],
  )
}

/** Keeps the newest alerts and those that hold, and the trends of the time since; inside the running transaction. */
export async function trimOperations(session: DuckdbSession, alertRows: number, trendsBeforeMs: number): Promise<void> {
  await trimAlerts(session, alertRows)
  await session.run('DELETE FROM storepulse.trends WHERE measured_at < epoch_ms($1::BIGINT)', [trendsBeforeMs])
}
