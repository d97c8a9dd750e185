import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDuckdbWarehouse } from '../../core/warehouse/duckdb/duckdb-warehouse.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { exactSketch, startMs, token } from '../support/warehouse-commits.ts'
import { type OpenWarehouse, promiseWarehouse } from './warehouse.promises.ts'
import { promiseLedgers } from './warehouse-ledgers.promises.ts'
import { promiseEvicting } from './warehouse-evicting.promises.ts'
import { promiseOperations } from './warehouse-operations.promises.ts'

const claim = (warehouse: Warehouse): Promise<void> =>
  warehouse.claim({ token, processId: 1, command: 'run', atMs: startMs })

const openMemory: OpenWarehouse = async () => {
  const tables = createMemoryTables()
  const warehouse = createMemoryWarehouse({ sketch: exactSketch, tables })
  await claim(warehouse)
  return { warehouse, reopen: async () => createMemoryWarehouse({ sketch: exactSketch, tables }) }
}

const openDuckdb: OpenWarehouse = async () => {
  const file = join(makeTemporaryDirectory(), 'warehouse', 'warehouse.db')
  const open = async (): Promise<Warehouse> => {
    const warehouse = await openDuckdbWarehouse({ file, sketch: exactSketch })
    onTestFinished(() => warehouse.close())
    await warehouse.migrate()
    return warehouse
  }
  const warehouse = await open()
  await claim(warehouse)
  return {
    warehouse,
    async reopen() {
      await warehouse.close()
      return await open()
    },
  }
}

promiseWarehouse('memory', openMemory)
promiseLedgers('memory', openMemory)
promiseEvicting('memory', openMemory)
promiseOperations('memory', openMemory)
promiseWarehouse('duckdb', openDuckdb)
promiseLedgers('duckdb', openDuckdb)
promiseEvicting('duckdb', openDuckdb)
promiseOperations('duckdb', openDuckdb)
