import type { Command } from 'commander'
import { openAccess } from '../../host/public.ts'
import { makeBrief } from '../../protocol/visible-text.ts'
import { type CommonOptions, readContext, readCount, withCommonOptions } from '../context.ts'
import { formatTable, writeJson, writeOut } from '../output.ts'
import { formatDuration } from '../terminal/number-text.ts'
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
      } finally {
        await access.close()
      }
    })
  withCommonOptions(late.command('readmit').description('count late sales after all'))
    .argument('<id...>', 'record ids: topic/partition/offset')
    .option('--json', 'one JSON object a record')
    .action((refs: string[], options: CommonOptions & { readonly json?: boolean }) =>
      printReadmissions(refs, 'late', readContext(options, 'late readmit'), options.json ?? false),
    )
}
