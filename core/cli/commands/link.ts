import { type Command, Option } from 'commander'
import { openAccess } from '../../host/public.ts'
import type { Role } from '../../protocol/commands.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { say, writeJson, writeOut } from '../output.ts'

interface LinkOptions extends CommonOptions {
  readonly role: Role
  readonly json?: boolean
}

/** `storepulse link`: one more sign-in link of the running `storepulse serve`. */
export function addLinkCommand(program: Command): void {
  withCommonOptions(program.command('link').description('print a link that signs in once where `serve` runs'))
    .addOption(
      new Option('--role <role>', 'what who signs in may do: look, or also run commands that write')
        .choices(['view', 'operate'])
        .default('view'),
    )
    .option('--json', 'print one JSON object')
    .action(async (options: LinkOptions) => {
      const access = await openAccess(readContext(options, 'link'))
      try {
        const link = await access.client.run('mintLink', { role: options.role })
        if (options.json) {
          await writeJson({ ...link, role: options.role })
          return
        }
        await writeOut(`${link.url}\n`)
        say(`storepulse: good for one sign-in (${options.role}) until ${link.expiresAt}`)
      } finally {
        await access.close()
      }
    })
}
