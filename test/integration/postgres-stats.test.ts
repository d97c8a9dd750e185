import { expect, it } from 'vitest'
import { useEmptyDatabase } from '../support/postgres-warehouse.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeCommit, makeRow, startMs, windowSizeMs } from '../support/warehouse-commits.ts'

const minutes = 400
const stores = 80

describeWithServices('the stats of a large table in PostgreSQL', ['postgres'], () => {
  it('are those of the table, whatever is written where', async () => {
    const database = await useEmptyDatabase()
    const warehouse = await database.openClaimed()
    const rows = Array.from({ length: minutes * stores }, (_, index) =>
      makeRow({
        startMs: startMs + Math.floor(index / stores) * windowSizeMs,
        storeId: (index % stores) + 1,
        transactions: (index % 9) + 1,
        cents: BigInt(index),
      }),
    )
    const readTable = (): unknown => {
      const text = database.sql(`SELECT count(*), sum(total_transactions), (sum(total_revenue) * 100)::bigint,
        count(DISTINCT store_id), (extract(epoch FROM max(window_start)) * 1000)::bigint FROM transactions_summary`)
      const [windows, transactions, cents, stores, latest] = text.split('|')
      return {
        windows: Number(windows),
        transactions: Number(transactions),
        cents: BigInt(cents ?? ''),
        stores: Number(stores),
        latestWindowMs: Number(latest),
      }
    }
    let epoch = 1
    const expectSame = async (changes: Parameters<typeof makeRow>[0]): Promise<void> => {
      epoch += 1
      await warehouse.commit(makeCommit(epoch, { rows: [makeRow({ revision: epoch, ...changes })] }))
      expect(await warehouse.readStats()).toEqual(readTable())
    }
    await warehouse.commit(makeCommit(1, { rows }))
    expect(await warehouse.readStats()).toEqual(readTable())
    await expectSame({ startMs: startMs + minutes * windowSizeMs, storeId: 500, cents: 77n })
    await expectSame({ startMs: startMs + (minutes - 1) * windowSizeMs, cents: 12_345n })
    // A window that had settled.
    await expectSame({ startMs, cents: 99_999n, transactions: 1_000 })
    await expectSame({ startMs: startMs - windowSizeMs, storeId: 501 })
  })
})
