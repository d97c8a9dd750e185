import { describeWithServices } from '../support/services/use.ts'
import { useClearedDatabase } from '../support/postgres-warehouse.ts'
import { type OpenWarehouse, promiseWarehouse } from './warehouse.promises.ts'
import { promiseLedgers } from './warehouse-ledgers.promises.ts'
import { promiseEvicting } from './warehouse-evicting.promises.ts'
import { promiseOperations } from './warehouse-operations.promises.ts'

const openPostgres: OpenWarehouse = async () => {
  const database = await useClearedDatabase()
  const warehouse = await database.openClaimed()
  return {
    warehouse,
    async reopen() {
      await warehouse.close()
      return await database.open()
    },
  }
}

describeWithServices('a warehouse in PostgreSQL', ['postgres'], () => {
  promiseWarehouse('postgres', openPostgres)
  promiseLedgers('postgres', openPostgres)
  promiseEvicting('postgres', openPostgres)
  promiseOperations('postgres', openPostgres)
})
