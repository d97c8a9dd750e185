import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCleared } from '../support/postgres-warehouse.ts'
import { type PostgresServer, startPostgres } from '../support/services/postgres.ts'
import { describeWithServices } from '../support/services/use.ts'
import { type OpenWarehouse, promiseWarehouse } from '../contract/warehouse.promises.ts'
import { promiseLedgers } from '../contract/warehouse-ledgers.promises.ts'
import { promiseOperations } from '../contract/warehouse-operations.promises.ts'

describeWithServices('a warehouse in PostgreSQL 18', ['postgres-18'], () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ version: '18' })
  })
  afterAll(() => server.stop())

  it('is one', async () => {
    expect((await openCleared(server)).sql('SHOW server_version')).toMatch(/^18/)
  })

  const open: OpenWarehouse = async () => {
    const database = await openCleared(server)
    const warehouse = await database.openClaimed()
    return {
      warehouse,
      async reopen() {
        await warehouse.close()
        return await database.open()
      },
    }
  }
  promiseWarehouse('postgres 18', open)
  promiseLedgers('postgres 18', open)
  promiseOperations('postgres 18', open)
})
