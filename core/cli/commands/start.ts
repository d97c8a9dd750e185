import { type Command, Option } from 'commander'
import type { OpenDesktop } from '../../base/desktop.ts'
import type { OpenInputs } from '../../host/public.ts'
import { type CommonOptions, readContext, readContextOf, withCommonOptions } from '../context.ts'
import { say } from '../output.ts'
import { firstPastMs, watchForEnd } from '../running.ts'
import { carryOut, planRun } from './run.ts'
import { builtRenderer, serveUntilEnd } from './serve.ts'

interface StartOptions extends CommonOptions {
  readonly shell: 'electron' | 'serve'
  /** False with `--no-sandbox`. */
  readonly sandbox: boolean
  readonly duration?: string
  readonly json?: boolean
}

const serveHere = (options: StartOptions, inputs: OpenInputs): Promise<void> =>
  serveUntilEnd(
    {
      rendererFolder: builtRenderer,
      address: '127.0.0.1',
      port: inputs.settings.number('serve.port'),
      publicUrl: null,
      tls: null,
      isInsecureAllowed: false,
      hasGenerator: true,
      opensBrowser: false,
      printsBoard: true,
    },
    inputs,
    (profile) => readContextOf(profile, options, 'start'),
  )

/** Opens the desktop app and waits for its end. Returns whether there is nothing left to do. */
async function tryDesktop(
  options: StartOptions,
  { paths, profile }: OpenInputs,
  isProfileChosen: boolean,
  openDesktop: OpenDesktop,
): Promise<boolean> {
  const end = watchForEnd()
  try {
    const request = {
      allowsNoSandbox: !options.sandbox,
      dataDirectory: paths.home,
      profile,
      isProfileChosen,
      flags: options.set,
    }
    const outcome = await openDesktop(request, end.signal)
    if (outcome.kind === 'ended') process.exitCode = outcome.exitCode
    else if (!end.signal.aborted) say(`storepulse: no window: ${outcome.reason}; serving the pages instead`)
    return outcome.kind === 'ended' || end.signal.aborted
  } finally {
    end.close()
  }
}

/** `storepulse start` (`npm start`): the desktop app; where no window can be, the same pages in a browser. */
export function addStartCommand(program: Command, openDesktop: OpenDesktop): void {
  withCommonOptions(
    program
      .command('start')
      .description('start Storepulse: the desktop app, or the same pages served where no window can be'),
  )
    .addOption(new Option('--shell <shell>', 'what shows the pages').choices(['electron', 'serve']).default('electron'))
    .option('--no-sandbox', 'open the window even where the sandbox of its pages cannot start')
    .option('--duration <time>', 'without any pages: a live board, for this long')
    .option('--json', 'without any pages: one board a second and a last one, each a JSON object')
    .action(async (options: StartOptions, command: Command) => {
      const inputs = readContext(options, 'start')
      const isChosen = command.getOptionValueSource('profile') === 'cli'
      if (options.json === true || options.duration !== undefined) {
        const plan = planRun({ ...options, generator: true }, inputs)
        await carryOut({ ...plan, backgroundPastMs: firstPastMs }, inputs)
      } else if (options.shell === 'serve' || !(await tryDesktop(options, inputs, isChosen, openDesktop))) {
        await serveHere(options, inputs)
      }
    })
}
