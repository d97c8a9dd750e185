import { Command } from 'commander'
import type { OpenDesktop } from '../base/desktop.ts'
import { toFault } from '../base/fault.ts'
import { addArchiveCommand } from './commands/archive.ts'
import { addBenchCommand } from './commands/bench.ts'
import { addConflictsCommand } from './commands/conflicts.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addExportCommand } from './commands/export.ts'
import { addGenerateCommand } from './commands/generate.ts'
import { addImportCommand } from './commands/import.ts'
import { addLateCommand } from './commands/late.ts'
import { addLinkCommand } from './commands/link.ts'
import { addMigrateCommand } from './commands/migrate.ts'
import { addParityCommand } from './commands/parity.ts'
import { addProfileCommand } from './commands/profile.ts'
import { addQuarantineCommand } from './commands/quarantine.ts'
import { addQueryCommand } from './commands/query.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addResetCommand } from './commands/reset.ts'
import { addRunCommand } from './commands/run.ts'
import { addServeCommand } from './commands/serve.ts'
import { addSparkJobCommand } from './commands/spark-job.ts'
import { addStartCommand } from './commands/start.ts'
import { addStatusCommand } from './commands/status.ts'
import { addTopicsCommand } from './commands/topics.ts'
import { reportFailure } from './exit.ts'
import { version } from './version.ts'

/**
 * Runs the command line of this process and sets its exit code.
 *
 * @param openDesktop how `start` opens the desktop app; this folder does not know what it is made of
 */
export async function runCommandLine(openDesktop: OpenDesktop): Promise<void> {
  const program = new Command('storepulse')
    .description('real-time retail monitor: from a stream of events to numbers to watch, trust and explain')
    .version(version)
    .showHelpAfterError('(storepulse --help shows what there is)')
    .exitOverride()
    .helpCommand(true)

  addStartCommand(program, openDesktop)
  for (const add of [
    addRunCommand,
    addServeCommand,
    addLinkCommand,
    addGenerateCommand,
    addImportCommand,
    addExportCommand,
    addStatusCommand,
    addQueryCommand,
    addReplayCommand,
    addArchiveCommand,
    addBenchCommand,
    addLateCommand,
    addQuarantineCommand,
    addConflictsCommand,
    addProfileCommand,
    addMigrateCommand,
    addTopicsCommand,
    addSparkJobCommand,
    addParityCommand,
    addResetCommand,
    addDoctorCommand,
  ]) {
    add(program)
  }

  // Whoever reads the output may have had enough (`| head`): that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : reportFailure(toFault(error, 'the output could not be written')))
  })
  // Nothing can be said any more when standard error is gone.
  process.stderr.on('error', () => process.exit(1))

  try {
    await program.parseAsync()
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
}
