import type { Command } from 'commander'
import { examine } from '../../host/public.ts'
import { type CommonOptions, readContext, withCommonOptions } from '../context.ts'
import { writeJson, writeOut } from '../output.ts'

const marks = { ok: '✓', warning: '!', failed: '✗' } as const

/** `storepulse doctor`: what is wrong here, step by step, and the fix beside it. */
export function addDoctorCommand(program: Command): void {
  withCommonOptions(
    program.command('doctor').description('examine this machine step by step, with a fix beside each failure'),
  )
    .option('--json', 'one JSON object a step')
    .action(async (options: CommonOptions & { readonly json?: boolean }) => {
      for await (const finding of examine(readContext(options, 'doctor'))) {
        if (finding.verdict === 'failed') process.exitCode = 1
        if (options.json) await writeJson(finding)
        else {
          await writeOut(`${marks[finding.verdict]} ${finding.step.padEnd(30)} ${finding.message}\n`)
          if (finding.fix !== null) await writeOut(`  ${' '.repeat(30)} → ${finding.fix}\n`)
        }
      }
    })
}
