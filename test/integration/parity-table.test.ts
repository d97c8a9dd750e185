import { expect, it } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { createServerTable, withTableUrl } from '../../core/pipeline/parity/summary-rows.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { runSql } from '../support/services/postgres.ts'
import { describeWithServices, usePostgres } from '../support/services/use.ts'

const never = new AbortController().signal

describeWithServices('a table to compare with, in PostgreSQL', ['postgres'], () => {
  it('is read page by page, each row once, times of its zone as UTC', async () => {
    const postgres = await usePostgres()
    runSql(
      postgres,
      `create table transactions_summary (id serial primary key, window_start timestamp not null,
        window_end timestamp not null, store_id integer not null, total_transactions integer, total_revenue decimal(12, 2),
        unique_customers integer, avg_transaction_value decimal(10, 2));
      insert into transactions_summary (window_start, window_end, store_id, total_transactions, total_revenue)
        select start, start + interval '1 minute', store, store, store / 100.0
        from generate_series(timestamp '2025-07-01', timestamp '2025-07-01 11:59', interval '1 minute') start,
          generate_series(1, 80) store`,
    )
    // What the profile names is not asked: a table is read where it is said to be.
    const environment = { STOREPULSE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    const flags = ['warehouse.zone=Europe/Berlin', 'warehouse.readUrl=postgres://nobody@127.0.0.1:1/none']
    const settings = withTableUrl(resolveSettings({ profile: { kind: 'process' }, environment, flags }), postgres.url)
    const rows = await createServerTable(settings, 'the table', systemClock)(never)
    expect(rows.length).toBe(720 * 80)
    expect(new Set(rows.map(({ startMs, storeId }) => `${startMs}/${storeId}`)).size).toBe(rows.length)
    // Midnight in Berlin, in summer.
    const startMs = Date.UTC(2025, 5, 30, 22)
    expect(rows[0]).toEqual({
      startMs,
      endMs: startMs + 60_000,
      storeId: 1,
      transactions: 1,
      revenue: '0.01',
      customers: null,
      average: null,
    })
  })
})
