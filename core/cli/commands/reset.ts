import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { describeUser, openOwned, resetStation } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { writeOut } from '../output.ts'

/** `storepulse reset`: back to an empty data directory; profiles and the audit trail stay. */
export function addResetCommand(program: Command): void {
  withCommonOptions(
    program.command('reset').description('delete the local log and the numbers; profiles and the audit trail stay'),
  )
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
        await resetStation(owned.station, inputs, describeUser())
      } finally {
        await owned.close(0)
      }
      await writeOut(`${inputs.paths.root} is empty\n`)
    })
}
