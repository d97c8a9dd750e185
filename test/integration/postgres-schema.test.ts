import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { checkPostgres } from '../../core/warehouse/postgres/check.ts'
import { migrations } from '../../core/warehouse/migrations.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, type TestDatabase, useEmptyDatabase } from '../support/postgres-warehouse.ts'
import { startProxy } from '../support/services/proxy.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeLate, makeRow, startMs, token, windowSizeMs } from '../support/warehouse-commits.ts'

const limits = { timeoutMs: 10_000, maxRows: 1_000 }

/** The table everyone knows, as a job of somebody else's fills it: two stores' windows, one of them ours later. */
const foreignTable = `CREATE TABLE transactions_summary (
    id SERIAL PRIMARY KEY,
    window_start TIMESTAMP NOT NULL,
    window_end TIMESTAMP NOT NULL,
    store_id INTEGER NOT NULL,
    total_transactions INTEGER,
    total_revenue DECIMAL(12,2),
    unique_customers INTEGER,
    avg_transaction_value DECIMAL(10,2),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    UNIQUE(window_start, store_id)
  );
  CREATE INDEX idx_window_start ON transactions_summary(window_start)`
const foreignRows = `INSERT INTO transactions_summary
    (window_start, window_end, store_id, total_transactions, total_revenue, unique_customers, avg_transaction_value)
  VALUES ('2025-01-06 00:00:00', '2025-01-06 00:01:00', 1, 10, 100.50, 9, 10.05),
    ('2025-01-06 00:01:30', '2025-01-06 00:02:30', 2, 20, NULL, NULL, NULL)`

async function makeForeign(): Promise<TestDatabase> {
  const database = await useEmptyDatabase()
  database.sql(foreignTable)
  database.sql(foreignRows)
  return database
}

const everyRow = 'SELECT * FROM transactions_summary ORDER BY id'
const listRows = (database: TestDatabase): readonly string[] =>
  database
    .sql(
      'SELECT id, store_id, total_transactions, total_revenue, unique_customers FROM transactions_summary ORDER BY id',
    )
    .split('\n')

/** Everything in the database, and how often anything was written in it. */
const describeDatabase = (database: TestDatabase): string =>
  database.sql(`SELECT string_agg(n.nspname || '.' || c.relname || ' ' || c.relkind::text, ',' ORDER BY c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'storepulse')`) +
  database.sql('SELECT string_agg(xmin::text, $$,$$ ORDER BY id) FROM transactions_summary')

const makeNextRow = (changes = {}) => makeRow({ revision: 5, transactions: 3, cents: 777n, ...changes })

describeWithServices('the schema in PostgreSQL', ['postgres'], () => {
  it('is made once by several that start together', async () => {
    const database = await useEmptyDatabase()
    const warehouses = await Promise.all(Array.from({ length: 5 }, () => database.open()))
    await Promise.all(warehouses.map((warehouse) => warehouse.migrate()))
    expect(database.sql('SELECT string_agg(number::text, $$,$$ ORDER BY number) FROM storepulse.migrations')).toBe(
      migrations.map(({ number }) => number).join(','),
    )
  })

  it('is refused untouched where it is newer', async () => {
    const database = await useEmptyDatabase()
    await database.openClaimed()
    database.sql("INSERT INTO storepulse.migrations (number, name, checksum) VALUES (99, 'later', 'x')")
    const before = database.sql('SELECT count(*) FROM pg_class')
    const warehouse = await database.open()
    expect(await faultOf(warehouse.migrate())).toMatchObject({ code: 'warehouse-newer', retry: false })
    expect(database.sql('SELECT count(*) FROM pg_class')).toBe(before)
  })

  it('leaves a table that somebody else filled alone, unless it may take it over', async () => {
    const database = await makeForeign()
    const before = describeDatabase(database)
    const warehouse = await database.open()
    const fault = await faultOf(warehouse.migrate())
    expect(fault).toMatchObject({ code: 'refused', domain: 'user' })
    expect(fault.message).toBe(
      "public.transactions_summary has 2 rows that are not this program's; nothing was changed",
    )
    expect(fault.hint).toMatch(/warehouse\.adopt=true/)
    expect(describeDatabase(database)).toBe(before)
    const options = { connection: database.connection, writes: true, clock: systemClock }
    const failed = async (adopt: boolean) =>
      (await checkPostgres({ ...options, adopt })).filter(({ ok }) => !ok).map(({ step }) => step)
    expect(await failed(false)).toEqual(['table'])
    expect(await failed(true)).toEqual([])
  })

  it('takes an empty table as it is', async () => {
    const database = await useEmptyDatabase()
    database.sql(foreignTable)
    const warehouse = await database.openClaimed()
    await warehouse.commit(makeCommit(1, { rows: [makeRow()] }))
    expect(listRows(database)).toEqual(['1|1|2|25.00|2'])
  })

  it('keeps every row of a table it has taken over as it was', async () => {
    const database = await makeForeign()
    const before = database.sql(everyRow)
    const warehouse = await database.openClaimed({ adopt: true })
    expect(database.sql(everyRow)).toBe(before)
    const later = makeNextRow({ startMs: startMs + windowSizeMs })
    await warehouse.commit(makeCommit(1, { rows: [makeNextRow(), later] }))
    await warehouse.commit(
      makeCommit(2, { rows: [makeNextRow({ revision: 6, cents: 888n }), { ...later, revision: 6 }] }),
    )
    expect(listRows(database)).toEqual(['1|1|10|100.50|9', '2|2|20||', '3|1|3|7.77|2'])
    expect(await warehouse.listWindows(startMs, startMs + 1)).toMatchObject([{ cents: 888n }])
    await warehouse.prune({
      windowsBeforeMs: startMs + 100 * windowSizeMs,
      lateRows: 1,
      quarantineRows: 1,
      evictedRows: 1_000,
      heldFrom: [],
      epochsBelowSequence: 0,
      epochRows: 10,
      alertRows: 1,
      trendsBeforeMs: 0,
    })
    expect(listRows(database)).toEqual(['1|1|10|100.50|9', '2|2|20||'])
  })

  it('writes over an older row only where the window was read whole', async () => {
    const database = await makeForeign()
    const warehouse = await database.openClaimed({ adopt: true, wholeFromMs: () => startMs })
    await warehouse.commit(makeCommit(1, { rows: [makeNextRow()] }))
    await warehouse.commit(makeCommit(2, { rows: [makeNextRow({ revision: 6, cents: 888n })] }))
    expect(listRows(database)).toEqual(['1|1|3|8.88|2', '2|2|20||'])
  })

  it('refuses a table of another shape, and one in another zone', async () => {
    const database = await useEmptyDatabase()
    database.sql('CREATE TABLE transactions_summary (window_start timestamptz, store_id text, total_revenue float8)')
    const warehouse = await database.open({ adopt: true })
    const fault = await faultOf(warehouse.migrate())
    expect(fault.code).toBe('setting')
    expect(fault.message).toMatch(/no column id, column window_start is timestamp with time zone/)
    const other = await makeForeign()
    const zoned = await other.open({ adopt: true, zone: 'Europe/Berlin' })
    expect(await faultOf(zoned.migrate())).toMatchObject({ code: 'setting' })
  })

  it('notices another writer of its rows, and goes on once they are gone', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    await warehouse.commit(makeCommit(1, { rows: [makeRow(), makeRow({ storeId: 2 })] }))
    database.sql('UPDATE transactions_summary SET total_revenue = total_revenue + 1 WHERE store_id = 2')
    await warehouse.commit(makeCommit(2, { rows: [makeRow({ revision: 2, cents: 3n })] }))
    const next = makeCommit(3, { rows: [makeRow({ storeId: 2, revision: 2 })], late: [makeLate(1)] })
    const fault = await faultOf(warehouse.commit(next))
    expect(fault).toMatchObject({ code: 'owned', retry: false, detail: { storeId: 2, committed: 'no' } })
    expect(await warehouse.listLate({ limit: 1, offset: 0 })).toEqual([])
    database.sql('DELETE FROM transactions_summary WHERE store_id = 2')
    await warehouse.commit(next)
    expect(await warehouse.readStats()).toMatchObject({ windows: 2, transactions: 4 })
    // A row that somebody adds for a window that is not there yet.
    database.sql(
      foreignRows.replace("'2025-01-06 00:01:30'", "'2025-01-06 09:00:00'").replaceAll('00:00:00', '08:00:00'),
    )
    const added = makeRow({ storeId: 1, startMs: startMs + 8 * 3_600_000 })
    expect(await faultOf(warehouse.commit(makeCommit(4, { rows: [added] })))).toMatchObject({ code: 'owned' })
  })

  it('does not take a change between live and final rows for another writer', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    const commit = (epoch: number, finalRowsOnly: boolean, final = false): Promise<void> =>
      warehouse.commit(
        makeCommit(epoch, { finalRowsOnly, rows: [makeRow({ revision: epoch, transactions: epoch, final })] }),
      )
    await commit(1, false)
    await commit(2, true)
    await commit(3, false)
    await commit(4, true)
    await commit(5, true, true)
    expect(await warehouse.readStats()).toMatchObject({ windows: 1, transactions: 5 })
  })
})

describeWithServices('watching PostgreSQL', ['postgres'], () => {
  const writes = (warehouse: Warehouse): readonly (() => Promise<unknown>)[] => [
    () => warehouse.migrate(),
    () => warehouse.claim({ token, processId: 1, command: 'run', atMs: startMs }),
    () => warehouse.commit(makeCommit(1)),
    () => warehouse.settle(token),
    () => warehouse.beat(token, startMs),
    () => warehouse.saveSnapshot({ epoch: 1, offsets: [], untilSequence: 1, state: new Uint8Array(9) }),
    () => warehouse.purgeQuarantine(null),
    () => warehouse.saveAlerts([]),
    () => warehouse.saveTrends([]),
    () => warehouse.appendAudit({ atMs: 0, who: '', action: '', subject: '', detail: '' }),
  ]

  it('shows a table that somebody else fills, and changes nothing', async () => {
    const database = await makeForeign()
    const before = describeDatabase(database)
    const warehouse = await database.open({ writes: false, zone: 'Europe/Berlin' })
    const page = { limit: 10, offset: 0 }
    expect(await warehouse.readStats()).toEqual({
      windows: 2,
      transactions: 30,
      cents: 10_050n,
      stores: 2,
      latestWindowMs: startMs + 90_000 - 3_600_000,
    })
    const window = { endMs: startMs - 3_540_000, revision: 0, final: true, sketch: new Uint8Array(0) }
    expect(await warehouse.listWindows(startMs - 3_600_000, startMs - 3_599_999)).toEqual([
      { ...window, storeId: 1, startMs: startMs - 3_600_000, transactions: 10, cents: 10_050n, uniqueCustomers: 9 },
    ])
    expect(await warehouse.listWindows(startMs, Infinity)).toEqual([])
    expect(await warehouse.listWindows(-Infinity, Infinity)).toHaveLength(2)
    expect((await warehouse.query('SELECT count(*) FROM transactions_summary', limits)).rows).toEqual([['2']])
    expect([await warehouse.loadProgress(), await warehouse.readOwner()]).toEqual([null, null])
    expect([await warehouse.listLate(page), await warehouse.listQuarantine(page)]).toEqual([[], []])
    expect([await warehouse.listEpochs(0, 9), await warehouse.listIdleEpochs(0)]).toEqual([[], []])
    expect([await warehouse.listAlerts(9), await warehouse.listTrends(0)]).toEqual([[], []])
    expect([await warehouse.listAudit(page), await warehouse.loadSnapshots()]).toEqual([[], []])
    for (const write of writes(warehouse)) expect(await faultOf(write)).toMatchObject({ code: 'read-only' })
    expect(describeDatabase(database)).toBe(before)
  })

  it('shows an empty database, and then what another process writes to it', async () => {
    const database = await useEmptyDatabase()
    const watching = await database.open({ writes: false })
    expect(await watching.readStats()).toMatchObject({ windows: 0, latestWindowMs: null })
    expect(await watching.listWindows(0, Infinity)).toEqual([])
    const writing = await database.openClaimed()
    await writing.commit(makeCommit(1, { rows: [makeRow()] }))
    expect(await watching.readStats()).toMatchObject({ windows: 1 })
    expect(await watching.loadProgress()).toMatchObject({ epoch: 1 })
    for (const write of writes(watching)) expect(await faultOf(write)).toMatchObject({ code: 'read-only' })
  })

  it('shows what a user may see who knows nothing of the app’s own tables', async () => {
    const database = await useEmptyDatabase()
    const writing = await database.openClaimed()
    await writing.commit(makeCommit(1, { rows: [makeRow()], late: [makeLate(1)] }))
    const role = `viewer_${database.address.database}`
    database.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'look'`)
    onTestFinished(() => void database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`))
    database.sql(`GRANT SELECT ON transactions_summary TO ${role}`)
    const connection = connectionTo(database.address, { user: role, password: 'look' })
    const watching = await database.open({ connection, writes: false })
    expect(await watching.readStats()).toMatchObject({ windows: 1, transactions: 2 })
    expect(await watching.listWindows(0, Infinity)).toMatchObject([{ revision: 0, transactions: 2 }])
    expect(await watching.listLate({ limit: 1, offset: 0 })).toEqual([])
    const look = async () =>
      (await checkPostgres({ connection, writes: false, adopt: false, clock: systemClock })).filter(({ ok }) => !ok)
    expect((await look()).map(({ fix }) => fix)).toEqual([
      `GRANT USAGE ON SCHEMA storepulse TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA storepulse TO ${role}`,
    ])
    database.sql(
      `GRANT USAGE ON SCHEMA storepulse TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA storepulse TO ${role}`,
    )
    expect(await look()).toEqual([])
    expect(await watching.listLate({ limit: 1, offset: 0 })).toHaveLength(1)
    // A schema of an older program has no alerts yet.
    database.sql('DROP TABLE storepulse.alerts')
    expect(await watching.listAlerts(10)).toEqual([])
  })

  it('ends what it is asked when it is closed', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.open({ writes: false })
    const endless = 'SELECT count(*) FROM generate_series(1, 100000000000)'
    const query = faultOf(warehouse.query(endless, { timeoutMs: 30_000, maxRows: 1 }))
    const running = "FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'"
    await database.waitFor(`SELECT count(*) > 0 ${running}`)
    const startedMs = performance.now()
    await warehouse.close()
    expect(performance.now() - startedMs).toBeLessThan(8_000)
    expect(['cancelled', 'unreachable', 'closing']).toContain((await query).code)
    await database.waitFor(`SELECT count(*) = 0 ${running}`)
  })

  it('has sessions that the server itself keeps from writing', async () => {
    const database = await makeForeign()
    const warehouse = await database.open({ writes: false })
    const asked = await warehouse.query("SELECT current_setting('default_transaction_read_only') AS v", limits)
    expect(asked.rows).toEqual([['on']])
    const write = 'WITH gone AS (DELETE FROM transactions_summary RETURNING 1) SELECT count(*) FROM gone'
    expect(await faultOf(warehouse.query(write, limits))).toMatchObject({ code: 'refused' })
  })

  it('asks a replica where there is one', async () => {
    const database = await useEmptyDatabase()
    const proxy = await startProxy({ host: database.address.host, port: database.address.port })
    onTestFinished(() => proxy.stop())
    const readConnection = connectionTo(database.address, { port: proxy.port })
    const warehouse = await database.openClaimed({ readConnection })
    expect(proxy.countAccepted()).toBe(0)
    await warehouse.query('SELECT 1', limits)
    expect(proxy.countAccepted()).toBe(1)
  })
})
