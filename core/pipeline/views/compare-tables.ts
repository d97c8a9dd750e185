import type { TableDifference } from '../../protocol/cluster.ts'
import type { StoredWindow, Warehouse } from '../../warehouse/warehouse.ts'
import { compareWindows } from './table-difference.ts'

export interface CompareParts {
  readonly openWarehouse: () => Promise<Warehouse>
  /** The cluster's table, or null where there is none to be read now. */
  readonly readTable: () => Promise<Warehouse | null>
  /** How the table is named on screen. */
  readonly title: string
}

/** From when on we have seen everything: the window we began in may lack what was before us. */
function findCoverage(here: readonly StoredWindow[], fromMs: number): number {
  const [first] = here
  return first === undefined ? Number.POSITIVE_INFINITY : first.startMs <= fromMs ? fromMs : first.endMs
}

/** Compares our windows that start in [fromMs, untilMs) with those of the cluster's table; null without one. */
export async function compareTables(
  { openWarehouse, readTable, title }: CompareParts,
  fromMs: number,
  untilMs: number,
): Promise<TableDifference | null> {
  const table = await readTable()
  if (!table) return null
  const warehouse = await openWarehouse()
  const [here, there, progress] = await Promise.all([
    warehouse.listWindows(fromMs, untilMs),
    table.listWindows(fromMs, untilMs),
    warehouse.loadProgress(),
  ])
  const coveredMs = findCoverage(here, fromMs)
  const isCovered = ({ startMs }: StoredWindow): boolean => startMs >= coveredMs
  return {
    table: title,
    ...compareWindows({
      here: here.filter(isCovered),
      there: there.filter(isCovered),
      finalUntilMs: progress?.watermarkMs ?? null,
    }),
    latestThereMs: there.at(-1)?.startMs ?? null,
  }
}
