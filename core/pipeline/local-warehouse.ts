import { windowSketch } from '../base/window-sketch.ts'
import { openDuckdbWarehouse } from '../warehouse/duckdb/duckdb-warehouse.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { BuildInputs } from './build.ts'

/** Opens the embedded warehouse and brings its schema up to date. */
export async function openLocalWarehouse({ paths, settings }: BuildInputs, file = paths.warehouse): Promise<Warehouse> {
  const warehouse = await openDuckdbWarehouse({
    file,
    sketch: windowSketch,
    memoryLimitMb: settings.number('warehouse.memoryMb'),
  })
  await warehouse.migrate()
  return warehouse
}
