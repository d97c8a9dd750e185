import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDuckdbWarehouse } from '../../core/warehouse/duckdb/duckdb-warehouse.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../core/warehouse/warehouse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { exactSketch, startMs, token } from '../support/warehouse-commits.ts'
import { promiseWarehouse } from './warehouse.promises.ts'

const claim = (warehouse: Warehouse): Promise<void> =>
  warehouse.claim({ token, processId: 1, command: 'run', atMs: startMs })

promiseWarehouse('memory', async () => {
  const tables = createMemoryTables()
  const warehouse = createMemoryWarehouse({ sketch: exactSketch, tables })
  await claim(warehouse)
  return { warehouse, reopen: async () => createMemoryWarehouse({ sketch: exactSketch, tables }) }
})

promiseWarehouse('duckdb', async () => {
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
})
