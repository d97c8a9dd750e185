import type { Client } from '../host/client.ts'
import { say } from './output.ts'
import { formatCount } from './terminal/number-text.ts'

const stillFound = 'while the log holds one, its id still works with show and readmit'
const hints = {
  late: `beyond warehouse.lateRows; ${stillFound}`,
  quarantine: `beyond warehouse.quarantineRows; ${stillFound}`,
  conflicts: 'beyond warehouse.lateRows',
} as const

/** After a list: rows that are not in it, where there are any. */
export async function sayWhatIsGone(
  client: Client,
  ledger: keyof typeof hints,
  listed = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { evicted, kept, purged } = (await client.run('sumLedgers', {})).rows[ledger]
  if (kept > listed) say(`${formatCount(kept - listed)} more rows are there: see --limit`)
  if (evicted > 0) say(`${formatCount(evicted)} rows are gone, ${hints[ledger]}`)
  if (purged > 0) say(`${formatCount(purged)} rows were purged`)
}
