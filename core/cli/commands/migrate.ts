import type { Command } from 'commander'
import { describeUser, migrateWarehouse, withOwnership } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { writeOut } from '../output.ts'

/** `storepulse migrate`: the schema of a profile's warehouse, as this version wants it. */
export function addMigrateCommand(program: Command): void {
  withCommonOptions(
    program
      .command('migrate')
      .description('bring the warehouse’s schema up to date, or make it in a database without one'),
  ).action(async (options: CommonOptions) => {
    const inputs = readContext(options, 'migrate')
    await withOwnership(inputs, () => migrateWarehouse(inputs, describeUser()))
    await writeOut(`the schema of profile ${inputs.profile} is up to date\n`)
  })
}
