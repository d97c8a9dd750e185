import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDuckdbWarehouse } from '../../../core/warehouse/duckdb/duckdb-warehouse.ts'
import type { Cell, Warehouse } from '../../../core/warehouse/warehouse.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { exactSketch, startMs, token } from '../../support/warehouse-commits.ts'

export interface TestWarehouse {
  readonly file: string
  readonly warehouse: Warehouse
  /** Rows of a SELECT. */
  select(sql: string): Promise<readonly (readonly Cell[])[]>
}

/** Opens the file with exact sketches, migrated and claimed under the token `first`; closed when the test ends. */
export async function openAt(file: string, memoryLimitMb = 96): Promise<Warehouse> {
  const warehouse = await openDuckdbWarehouse({ file, sketch: exactSketch, memoryLimitMb })
  onTestFinished(() => warehouse.close())
  await warehouse.migrate()
  await warehouse.claim({ token, processId: 1, command: 'run', atMs: startMs })
  return warehouse
}

/** An empty warehouse in a directory of the running test's own. */
export async function openTestWarehouse(memoryLimitMb = 96): Promise<TestWarehouse> {
  const file = join(makeTemporaryDirectory(), 'warehouse.db')
  const warehouse = await openAt(file, memoryLimitMb)
  return {
    file,
    warehouse,
    async select(sql) {
      return (await warehouse.query(sql, { timeoutMs: 30_000, maxRows: 1_000 })).rows
    },
  }
}
