import type { Command } from 'commander'
import { openAccess } from '../../host/public.ts'
import { type CommonOptions, readContext, readCount, withCommonOptions } from '../context.ts'
import { sayWhatIsGone } from '../ledger-rows.ts'
import { formatTable, writeJson, writeOut } from '../output.ts'

/** `storepulse conflicts`: ids that came a second time with another content. */
export function addConflictsCommand(program: Command): void {
  const conflicts = program
    .command('conflicts')
    .description('records that came under an id already counted, with another content')
  withCommonOptions(conflicts.command('list').description('list them, newest first'))
    .option('--limit <n>', 'most rows', '100')
    .option('--json', 'one JSON object a row')
    .action(async (options: CommonOptions & { readonly json?: boolean; readonly limit: string }) => {
      const limit = readCount('--limit', options.limit)
      const access = await openAccess(readContext(options, 'conflicts list'))
      try {
        const { entries } = await access.client.run('listConflicts', { limit, offset: 0 })
        if (options.json) {
          for (const entry of entries) await writeJson(entry)
          return
        }
        const rows = entries.map(({ epoch, id, ref }) => [ref, id, String(epoch)])
        await writeOut(`${formatTable(['record', 'id it repeats', 'epoch'], rows, [2])}\n`)
        await sayWhatIsGone(access.client, 'conflicts', entries.length)
      } finally {
        await access.close()
      }
    })
}
