import type { Command } from 'commander'
import { openAccess } from '../../host/public.ts'
import { makeBrief } from '../../protocol/visible-text.ts'
import { type CommonOptions, readContext, readCount, withCommonOptions } from '../context.ts'
import { sayWhatIsGone } from '../ledger-rows.ts'
import { formatTable, writeJson, writeOut } from '../output.ts'
import { formatCount, formatDuration, formatMoney } from '../terminal/number-text.ts'
import { printReadmissions } from '../readmissions.ts'

/** Characters of a sale's own id in the table. */
const longestId = 40

interface ListOptions extends CommonOptions {
  readonly json?: boolean
  readonly limit: string
}

/** `storepulse late`: the ledger of sales that came after their window had closed. */
export function addLateCommand(program: Command): void {
  const late = program.command('late').description('sales that came after their window had closed')
  withCommonOptions(late.command('list').description('list them, newest first'))
    .option('--limit <n>', 'most rows', '100')
    .option('--json', 'one JSON object a row')
    .action(async (options: ListOptions) => {
      const limit = readCount('--limit', options.limit)
      const access = await openAccess(readContext(options, 'late list'))
      try {
        const { entries } = await access.client.run('listLate', { limit, offset: 0 })
        if (options.json) {
          for (const entry of entries) await writeJson(entry)
          return
        }
        const rows = entries.map((entry) => [
          entry.ref,
          String(entry.storeId),
          makeBrief(entry.transactionId, longestId),
          entry.eventTime,
          entry.amount,
          formatDuration(entry.latenessMs),
          entry.readmittedAt ?? '',
        ])
        await writeOut(
          `${formatTable(['id', 'store', 'sale', 'event time', 'amount', 'too late by', 'readmitted'], rows, [1, 4])}\n`,
        )
        await sayWhatIsGone(access.client, 'late', entries.length)
      } finally {
        await access.close()
      }
    })
  addStores(late)
  withCommonOptions(late.command('readmit').description('count late sales after all'))
    .argument('<id...>', 'record ids: topic/partition/offset')
    .option('--json', 'one JSON object a record')
    .action((refs: string[], options: CommonOptions & { readonly json?: boolean }) =>
      printReadmissions(refs, 'late', readContext(options, 'late readmit'), options.json ?? false),
    )
}

function addStores(late: Command): void {
  withCommonOptions(late.command('stores').description('how many sales of each store were late, and how much money'))
    .option('--json', 'one JSON object a store')
    .action(async (options: CommonOptions & { readonly json?: boolean }) => {
      const access = await openAccess(readContext(options, 'late stores'))
      try {
        const { late: stores } = await access.client.run('sumLedgers', {})
        if (options.json) {
          for (const store of stores) await writeJson(store)
          return
        }
        const rows = stores.map(({ amount, readmitted, readmittedAmount, records, storeId }) => [
          String(storeId),
          formatCount(records),
          formatMoney(amount),
          formatCount(readmitted),
          formatMoney(readmittedAmount),
        ])
        const header = ['store', 'late', 'amount', 're-admitted', 'their amount']
        await writeOut(`${formatTable(header, rows, [0, 1, 2, 3, 4])}\n`)
      } finally {
        await access.close()
      }
    })
}
