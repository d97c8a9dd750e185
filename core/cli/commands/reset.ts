import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { openOwned } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { writeOut } from '../output.ts'

/** `storepulse reset`: back to an empty data directory; profiles stay. */
export function addResetCommand(program: Command): void {
  withCommonOptions(program.command('reset').description('delete the local log and the warehouse; profiles stay'))
    .option('--yes', 'do it')
    .action(async (options: CommonOptions & { readonly yes?: boolean }) => {
      const inputs = readContext(options, 'reset')
      if (inputs.settings.profile.rowsTo === 'postgres') {
        throw new Fault(
          'usage',
          `profile ${inputs.profile} keeps its numbers in PostgreSQL, which reset leaves alone`,
          {
            domain: 'user',
            hint: 'drop schema storepulse there yourself, if that is what you want',
          },
        )
      }
      if (!options.yes) {
        throw new Fault('usage', `reset deletes every event and number in ${inputs.paths.root}`, {
          domain: 'user',
          hint: 'say --yes to do it',
        })
      }
      const owned = await openOwned(inputs)
      try {
        await owned.station.stop(0)
        await rm(inputs.paths.log, { recursive: true, force: true })
        await rm(dirname(inputs.paths.warehouse), { recursive: true, force: true })
      } finally {
        await owned.close(0)
      }
      await writeOut(`${inputs.paths.root} is empty\n`)
    })
}
