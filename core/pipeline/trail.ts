import type { AuditEntry, Warehouse } from '../warehouse/warehouse.ts'
import type { BuildInputs } from './build.ts'
import { openLocalWarehouse } from './local-warehouse.ts'

const page = 1_000

/** All of a trail, oldest first. */
export async function listTrail(warehouse: Warehouse): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = []
  for (;;) {
    const entries = await warehouse.listAudit({ limit: page, offset: all.length })
    all.push(...entries)
    if (entries.length < page) return all.reverse()
  }
}

/**
 * Adds to the trail in a profile's warehouse. Whoever calls owns the data directory, and has nothing of it open. A profile
 * that only watches has none.
 *
 * @throws Fault `schema-missing` where the database has no place for one yet
 */
export async function appendToTrail(inputs: BuildInputs, entries: readonly AuditEntry[]): Promise<void> {
  const { rowsTo } = inputs.settings.profile
  if (rowsTo === 'memory') return
  const open = async (): Promise<Warehouse> => {
    if (rowsTo === 'duckdb') return await openLocalWarehouse(inputs)
    const { openSharedWarehouse } = await import('./cluster-places.ts')
    return await openSharedWarehouse(inputs, { fromMs: null }, { migrates: false })
  }
  const warehouse = await open()
  try {
    for (const entry of entries) await warehouse.appendAudit(entry)
  } finally {
    await warehouse.close()
  }
}
