import { Command } from 'commander'
import { addDoctorCommand } from './commands/doctor.ts'
import { addGenerateCommand } from './commands/generate.ts'
import { addImportCommand } from './commands/import.ts'
import { addLateCommand } from './commands/late.ts'
import { addLinkCommand } from './commands/link.ts'
import { addQuarantineCommand } from './commands/quarantine.ts'
import { addQueryCommand } from './commands/query.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addResetCommand } from './commands/reset.ts'
import { addRunCommand, addStartCommand } from './commands/run.ts'
import { addServeCommand } from './commands/serve.ts'
import { addStatusCommand } from './commands/status.ts'
import { reportFailure } from './exit.ts'
import { version } from './version.ts'

const program = new Command('storepulse')
  .description('real-time retail monitor: from a stream of events to numbers to watch, trust and explain')
  .version(version)
  .showHelpAfterError('(storepulse --help shows what there is)')
  .exitOverride()
  .helpCommand(true)

for (const add of [
  addStartCommand,
  addRunCommand,
  addServeCommand,
  addLinkCommand,
  addGenerateCommand,
  addImportCommand,
  addStatusCommand,
  addQueryCommand,
  addReplayCommand,
  addLateCommand,
  addQuarantineCommand,
  addResetCommand,
  addDoctorCommand,
]) {
  add(program)
}

// Whoever reads the output may have had enough (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})
// Nothing can be said any more when standard error is gone.
process.stderr.on('error', () => process.exit(1))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportFailure(error)
}
