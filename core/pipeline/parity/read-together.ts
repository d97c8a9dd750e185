import { Fault } from '../../base/fault.ts'
import type { BatchPlan } from '../../parity/batch.ts'

/** How often both are read when the query goes on meanwhile. */
const attempts = 10

/** Whether nothing was planned or committed between the two. */
const isSame = (before: BatchPlan, after: BatchPlan): boolean =>
  before.batches.at(-1)?.number === after.batches.at(-1)?.number && before.isLastOpen === after.isLastOpen

/**
 * Reads batches and table as of one moment: where a batch began or ended between looks at the batches before and after the
 * table, all is read once more.
 *
 * @throws Fault `refused` where that goes on and on
 */
export async function readTogether<Table>(
  readPlan: () => Promise<BatchPlan>,
  readTable: () => Promise<Table>,
): Promise<{ readonly plan: BatchPlan; readonly table: Table }> {
  let plan = await readPlan()
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const table = await readTable()
    const after = await readPlan()
    if (isSame(plan, after)) return { plan, table }
    plan = after
  }
  throw new Fault('refused', 'the query began or ended a batch each time its table was read', {
    domain: 'user',
    hint: 'stop it for as long as this takes, or compare a copy of checkpoint and table made while it was stopped',
  })
}
