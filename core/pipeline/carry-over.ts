import type { AuditEntry, Warehouse } from '../warehouse/warehouse.ts'

const page = 1_000
const mostAlerts = 1_000_000

async function listAllAudit(warehouse: Warehouse): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = []
  for (;;) {
    const entries = await warehouse.listAudit({ limit: page, offset: all.length })
    all.push(...entries)
    if (entries.length < page) return all
  }
}

/** Copies what no recomputation brings back: alerts, trends and the audit trail. */
export async function carryOver(from: Warehouse, to: Warehouse): Promise<void> {
  await to.saveAlerts(await from.listAlerts(mostAlerts))
  await to.saveTrends(await from.listTrends(0))
  for (const entry of [...(await listAllAudit(from))].reverse()) await to.appendAudit(entry)
}
