import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { type Ask, chooseTrade } from '../../core/pipeline/views/ask.ts'
import { readQuality } from '../../core/pipeline/views/quality.ts'
import { createSeriesView, readHeatMap } from '../../core/pipeline/views/series.ts'
import { createStoreDirectory } from '../../core/pipeline/views/store-directory.ts'
import { createStoreList } from '../../core/pipeline/views/store-list.ts'
import { readStoreSheet } from '../../core/pipeline/views/store-sheet.ts'
import { readSalesHistory } from '../../core/pipeline/silence-watch.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { openDuckdbWarehouse } from '../../core/warehouse/duckdb/duckdb-warehouse.ts'
import type { Cell, QueryResult, Warehouse } from '../../core/warehouse/warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import { useClearedDatabase } from '../support/postgres-warehouse.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import {
  exactSketch,
  makeCommit,
  makeLate,
  makeQuarantined,
  makeRow,
  sketchOf,
  startMs,
  token,
  windowSizeMs,
} from '../support/warehouse-commits.ts'

const hourMs = 3_600_000
const limits = { timeoutMs: 20_000, maxRows: 100_000 }

/** Three hours of five stores: refunds, a sum beyond the table's columns, windows that are still open. */
function listCommits() {
  const rows = Array.from({ length: 900 }, (_, index) => {
    const minute = Math.floor(index / 5)
    const cents = index === 77 ? 1_000_000_000_000n : BigInt(((index * 7_919) % 40_000) - 2_000)
    return makeRow({
      storeId: (index % 5) + 1,
      startMs: startMs + minute * windowSizeMs,
      transactions: (index % 11) + 1,
      cents,
      uniqueCustomers: (index % 7) + 1,
      final: minute < 170,
      sketch: sketchOf(index % 13, index % 17),
    })
  })
  const late = [1, 2, 3, 4].map((offset) => makeLate(offset, { storeId: 2, appendedAtMs: startMs + offset * 977_001 }))
  const quarantined = [1, 2, 3].map((offset) =>
    makeQuarantined(offset, {
      reason: offset === 1 ? 'not_json' : 'bad_amount',
      seenAtMs: startMs + offset * 1_234_567,
    }),
  )
  return [
    makeCommit(1, { rows: rows.slice(0, 450), late }),
    makeCommit(2, { rows: rows.slice(450), quarantined, amendments: [] }),
    makeCommit(3, { rows: rows.slice(880).map((row) => ({ ...row, revision: 2, cents: row.cents + 1n })) }),
  ]
}

interface Both {
  readonly duckdb: Warehouse
  readonly postgres: Warehouse
}

async function openBoth(): Promise<Both> {
  const file = join(makeTemporaryDirectory(), 'warehouse.db')
  const duckdb = await openDuckdbWarehouse({ file, sketch: exactSketch })
  onTestFinished(() => duckdb.close())
  await duckdb.migrate()
  await duckdb.claim({ token, processId: 1, command: 'run', atMs: startMs })
  const postgres = await (await useClearedDatabase()).openClaimed()
  for (const warehouse of [duckdb, postgres]) for (const commit of listCommits()) await warehouse.commit(commit)
  return { duckdb, postgres }
}

const compareRows = (one: readonly Cell[], other: readonly Cell[]): number =>
  JSON.stringify(one) < JSON.stringify(other) ? -1 : 1

/** Sums of integers are as wide as each has them, and sums of decimals. */
const nameType = (type: string): string => type.replace('HUGEINT', 'BIGINT').replace(/^DECIMAL.*/, 'DECIMAL')

/** What a column without a name is called is the dialect's own. */
const nameColumn = (name: string): string =>
  /[()]/.test(name) ? '' : name.replace(/^(?:bool_and|count|floor|max|round|string_agg|sum)$/, '')

function simplify({ columns, rows, truncated }: QueryResult, isOrdered: boolean) {
  return {
    columns: columns.map(({ name, type }) => ({ name: nameColumn(name), type: nameType(type) })),
    rows: isOrdered ? rows : rows.toSorted(compareRows),
    truncated,
  }
}

async function expectSame({ duckdb, postgres }: Both, sql: string): Promise<QueryResult> {
  const isOrdered = /ORDER BY/i.test(sql)
  const [wanted, found] = await Promise.all([duckdb.query(sql, limits), postgres.query(sql, limits)])
  expect(simplify(found, isOrdered), sql).toEqual(simplify(wanted, isOrdered))
  return found
}

/** The queries everyone knows, and the samples of the README and the SQL page. */
const samples = [
  `SELECT COUNT(*) as windows_processed, SUM(total_transactions) as all_transactions, SUM(total_revenue) as total_revenue,
    COUNT(DISTINCT store_id) as active_stores, MAX(window_start) as latest_window FROM transactions_summary;`,
  `SELECT window_start, store_id, total_transactions, total_revenue FROM transactions_summary
    ORDER BY window_start DESC, store_id LIMIT 10;`,
  'SELECT SUM(total_transactions), SUM(total_revenue), COUNT(DISTINCT store_id) FROM transactions_summary;',
  'SELECT COUNT(*) FROM transactions_summary;',
  `SELECT store_id, CAST(coalesce(sum(total_revenue), 0) AS VARCHAR) AS revenue,
    CAST(sum(total_transactions) AS INTEGER) AS sales FROM transactions_summary
    WHERE window_start > TIMESTAMP '2025-01-06 00:30:00.123' AND window_start <= TIMESTAMP '2025-01-06 01:30:00.123'
    GROUP BY store_id ORDER BY store_id`,
  'SELECT store_id, SUM(total_revenue) s FROM transactions_summary GROUP BY store_id ORDER BY 2 DESC',
  `SELECT id, window_start, window_end, store_id, total_transactions, total_revenue, unique_customers,
    avg_transaction_value FROM transactions_summary`,
  'SELECT * FROM storepulse.windows',
  'SELECT * FROM storepulse.sketches',
  'SELECT * FROM storepulse.offsets',
  'SELECT * FROM storepulse.counters',
  'SELECT * FROM storepulse.late',
  'SELECT * FROM storepulse.quarantine',
  'SELECT * FROM storepulse.epochs',
  'SELECT * FROM windows WHERE final AND store_id = 3 ORDER BY window_start',
  `WITH hourly AS (SELECT date_trunc('hour', window_start) h, total_revenue r FROM transactions_summary)
    SELECT h, sum(r) FROM hourly GROUP BY h ORDER BY h`,
]

describeWithServices('queries on PostgreSQL and on DuckDB', ['postgres'], () => {
  it('give equal values and types for the samples', async () => {
    const both = await openBoth()
    for (const sql of samples) {
      const { rows } = await expectSame(both, sql)
      expect(rows.length, sql).toBeGreaterThan(0)
    }
  })

  it('give equal values and types for values of every kind', async () => {
    const both = await openBoth()
    const values = [
      'CAST(1 AS smallint)',
      '2147483647',
      '9007199254740993',
      "'naïve ☕ ''quoted'''",
      'CAST(1.50 AS decimal(10, 2))',
      'CAST(NULL AS integer)',
      'TRUE',
      '0.1::double precision',
      "'NaN'::double precision",
      "'-Infinity'::double precision",
      '0.1::real',
      "TIMESTAMP '2025-01-06 12:34:56'",
      "TIMESTAMP '2025-01-06 12:34:56.789'",
      "TIMESTAMP '1969-12-31 23:59:59.123456'",
      "TIMESTAMPTZ '2025-01-06 12:34:56+02'",
      "DATE '2025-01-06'",
      "TIME '12:34:56'",
      "UUID '00000000-0000-0000-0000-00000000000a'",
      'ARRAY[1, 2, NULL]',
      "ARRAY['a\"b', 'c,d', NULL, '', 'NULL']",
      "ARRAY[TIMESTAMP '2025-01-06 12:34:56']",
    ]
    for (const value of values) await expectSame(both, `SELECT ${value} AS v`)
  })

  it('give the pages the same', async () => {
    const both = await openBoth()
    const fromMs = startMs + 600_000
    const untilMs = startMs + 3 * hourMs
    const span = { fromMs, untilMs, stepMs: 300_000 }
    const asked = new Set<string>()
    const readAll = async (warehouse: Warehouse, finalOnly: boolean): Promise<unknown> => {
      const ask: Ask = async (sql) => {
        asked.add(sql)
        return (await warehouse.query(sql, limits)).rows.toSorted(compareRows)
      }
      const ordered: Ask = async (sql) => (await warehouse.query(sql, limits)).rows
      const trade = chooseTrade(finalOnly)
      const settings = resolveSettings({ profile: {}, environment: {}, flags: ['generator.enabled=false'] })
      const directory = createStoreDirectory(settings, ask)
      const clock = { ...systemClock, nowMs: () => startMs + 3 * hourMs }
      const stores = createStoreList({ ask, trade, clock, directory, silentSince: () => null })
      const series = createSeriesView(ordered, trade, clock)
      const sheet = {
        ask,
        directory,
        series,
        stores,
        windowSizeMs,
        sketch: exactSketch,
        openSketches: () => [],
        usualGap: () => null,
      }
      return {
        series: await series({ ...span, storeId: null }),
        store: await series({ ...span, storeId: 3 }),
        oddStep: await series({ fromMs: fromMs + 7, untilMs, stepMs: 420_001, storeId: null }),
        heat: await readHeatMap(ask, trade, directory, { ...span, storeIds: [5, 1, 9] }),
        quality: await readQuality(ask, span),
        list: await stores.list({
          ...span,
          compareMs: hourMs,
          sort: 'revenue',
          descending: true,
          filter: '',
          offset: 0,
          limit: 50,
        }),
        sheet: await readStoreSheet(sheet, { ...span, compareMs: 0, storeId: 2 }),
        history: await readSalesHistory(ask, untilMs, windowSizeMs),
        stats: await warehouse.readStats(),
        windows: await warehouse.listWindows(fromMs, untilMs),
      }
    }
    for (const finalOnly of [false, true]) {
      expect(await readAll(both.postgres, finalOnly)).toEqual(await readAll(both.duckdb, finalOnly))
    }
    // In which order texts are put together is nobody's promise.
    for (const sql of asked) if (!sql.includes('string_agg')) await expectSame(both, sql)
    expect(asked.size).toBeGreaterThan(12)
  })

  it('end at as many rows as were asked for, and say so', async () => {
    const both = await openBoth()
    for (const warehouse of [both.duckdb, both.postgres]) {
      const some = await warehouse.query('SELECT id FROM transactions_summary ORDER BY id', { ...limits, maxRows: 250 })
      expect(some.rows).toHaveLength(250)
      expect(some.truncated).toBe(true)
      expect(some.rows.at(-1)).toEqual([250])
      const all = await warehouse.query('SELECT id FROM transactions_summary', { ...limits, maxRows: 900 })
      expect([all.rows.length, all.truncated]).toEqual([900, false])
    }
  })

  it('are refused alike where they are more than one SELECT', async () => {
    const both = await openBoth()
    const refused = [
      'DELETE FROM transactions_summary',
      'SELECT 1; SELECT 2',
      'SELECT 1; DROP TABLE transactions_summary',
      "INSERT INTO storepulse.settings VALUES ('a', 'b')",
      'SET search_path = public',
      'BEGIN',
      '',
      ' -- nothing',
      "SELECT nextval('public.transactions_summary_id_seq')",
      'EXPLAIN DELETE FROM transactions_summary',
      'EXPLAIN ANALYZE DELETE FROM transactions_summary',
    ]
    for (const sql of refused) {
      for (const warehouse of [both.duckdb, both.postgres]) {
        expect(await faultOf(warehouse.query(sql, limits)), sql).toMatchObject({ code: 'refused', domain: 'user' })
      }
    }
    for (const sql of ['SELEC 1', 'SELECT nothing FROM nowhere', 'SELECT 1/', 'SELECT (']) {
      for (const warehouse of [both.duckdb, both.postgres]) {
        expect(await faultOf(warehouse.query(sql, limits)), sql).toMatchObject({ code: 'sql', domain: 'user' })
      }
    }
    expect((await both.postgres.query('EXPLAIN SELECT 1', limits)).rows.length).toBeGreaterThan(0)
    expect((await both.postgres.readStats()).windows).toBe(900)
  })
})
