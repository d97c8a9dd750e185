import type { Warehouse } from '../warehouse/warehouse.ts'
import { listTrail } from './trail.ts'

const mostAlerts = 1_000_000

/** Copies what no recomputation brings back: alerts, trends and the audit trail. */
export async function carryOver(from: Warehouse, to: Warehouse): Promise<void> {
  await to.saveAlerts(await from.listAlerts(mostAlerts))
  await to.saveTrends(await from.listTrends(0))
  for (const entry of await listTrail(from)) await to.appendAudit(entry)
}
