import type { Command } from 'commander'
import { openAccess } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { writeJson, writeOut } from '../output.ts'
import { detectTerminal } from '../terminal/capabilities.ts'
import { renderBoard } from '../terminal/render-board.ts'
import { readStoreLines } from '../store-lines.ts'

interface StatusOptions extends CommonOptions {
  readonly json?: boolean
}

/** `storepulse status`: the board once. */
export function addStatusCommand(program: Command): void {
  withCommonOptions(
    program
      .command('status')
      .description('show the board once: live from the owner if one runs, else as of the last commit'),
  )
    .option('--json', 'print the board as one JSON object')
    .action(async (options: StatusOptions) => {
      const access = await openAccess(readContext(options, 'status'))
      try {
        const board = await access.client.run('status', {})
        if (options.json) {
          await writeJson(board)
          return
        }
        const stores = await readStoreLines(access.client, board.at)
        const size = { columns: process.stdout.columns ?? 100, rows: 40 }
        const lines = renderBoard(
          board,
          { stores },
          size,
          detectTerminal(process.stdout.isTTY, process.env, process.platform),
        )
        await writeOut(`${lines.join('\n').trimEnd()}\n`)
      } finally {
        await access.close()
      }
    })
}
