import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describeError, Fault, toFault } from '../../base/fault.ts'
import {
  openShared,
  type OpenInputs,
  type OwnedDirectory,
  type SharedDirectory,
  type Shell,
} from '../../host/public.ts'
import type { ServedPages } from '../../host/serve/serve.ts'
import { type CommonOptions, readContext, readContextOf, withCommonOptions } from '../context.ts'
import { createBoardLines } from '../board-view.ts'
import { openBrowser } from '../open-browser.ts'
import { describeFailure, type Reopen, type Round, switchRound } from '../serve-rounds.ts'
import { say, writeOut } from '../output.ts'
import { drainMs, firstPastMs, hasOwnEvents, longestTimerMs, untilFailed, watchForEnd } from '../running.ts'

interface ServeOptions extends CommonOptions {
  readonly port?: string
  readonly host: string
  readonly open?: boolean
  readonly publicUrl?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: boolean
  readonly generator: boolean
}

/** Where and how to serve, settled before anything is opened. */
export interface ServePlan {
  /** The built pages. */
  readonly rendererFolder: string
  readonly address: string
  /** 0 picks one. */
  readonly port: number
  readonly publicUrl: string | null
  readonly tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | null
  readonly isInsecureAllowed: boolean
  /** Whether events of our own may be made, where the settings ask for them. */
  readonly hasGenerator: boolean
  readonly opensBrowser: boolean
  /** Whether the board is also written to standard output, a line a second. */
  readonly printsBoard: boolean
}

/** The built pages lie beside the built command. */
export const builtRenderer = fileURLToPath(new URL('../renderer', import.meta.url))
/** A link that stands in a command line for a moment is worth nothing two minutes later. */
const browserLinkLifeMs = 120_000
/** These hold the directory only until they are done. */
const passingCommands = ['status', 'query', 'import', 'generate', 'late', 'quarantine', 'replay', 'reset', 'link']

const isPassing = (command: string): boolean => passingCommands.some((name) => command === `storepulse ${name}`)

function readPem(option: string, file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Fault('usage', `${option}: ${describeError(error)}`, { domain: 'user', cause: error })
  }
}

function readTls({ cert, key }: ServeOptions): ServePlan['tls'] {
  if (cert === undefined && key === undefined) return null
  if (cert === undefined || key === undefined) {
    throw new Fault('usage', '--cert and --key go together', { domain: 'user' })
  }
  return { cert: readPem('--cert', cert), key: readPem('--key', key) }
}

async function announce(pages: ServedPages, plan: ServePlan, { paths }: OpenInputs): Promise<void> {
  await writeOut(`${await pages.mintLink('operate')}\n`)
  say('storepulse: the link above signs in once, within ten minutes; `storepulse link` makes more')
  say(`storepulse: data in ${paths.root}, end with Ctrl-C`)
  say(`storepulse: metrics at ${pages.url}/metrics, with the token in ${pages.metricsTokenFile}`)
  if (['0.0.0.0', '::'].includes(plan.address) && plan.publicUrl === null) {
    say('storepulse: other machines are refused until --public-url names the address they use')
  }
  if (plan.opensBrowser) openBrowser(await pages.mintLink('operate', browserLinkLifeMs))
}

/** Starts the pipeline; false where it waits for somebody to say on a page that the database may be given its schema. */
async function startOrWait(station: OwnedDirectory['station']): Promise<boolean> {
  try {
    await station.start({ closesIdle: true })
    return true
  } catch (error) {
    if (!station.obstacle) throw error
    say(`storepulse: ${station.obstacle.message}: a page asks whether to make it`)
    return false
  }
}

/** Runs the pipeline of a directory this process owns, until the end or until it fails for good. */
async function runPipeline(
  owned: OwnedDirectory,
  plan: ServePlan,
  { clock, settings }: OpenInputs,
  signal: AbortSignal,
): Promise<void> {
  const makingPast = plan.hasGenerator && hasOwnEvents(settings) ? untilFailed(owned.station.goLive(firstPastMs)) : null
  makingPast?.catch(() => undefined)
  // A timer left behind would keep a failed process alive.
  const ended = new AbortController()
  if (!(await startOrWait(owned.station))) {
    await clock.sleep(longestTimerMs, signal)
    return
  }
  const end = clock.sleep(longestTimerMs, AbortSignal.any([signal, ended.signal]))
  try {
    await Promise.race([owned.station.finished, end, ...(makingPast ? [makingPast] : [])])
  } finally {
    ended.abort()
  }
}

/** Shows another process's pipeline, until the end; or until that process leaves, where it was there for a moment only. */
async function showOther(
  { owner, ownerLeft }: SharedDirectory,
  { clock }: OpenInputs,
  signal: AbortSignal,
): Promise<void> {
  say(`storepulse: showing what process ${owner.processId} (${owner.command}) does`)
  const end = clock.sleep(longestTimerMs, signal)
  await (isPassing(owner.command) ? Promise.race([ownerLeft, end]) : end)
}

/** Serves once, until the end or until whoever owned the directory for a moment has left. Returns the port. */
async function serveOnce(
  plan: ServePlan,
  inputs: OpenInputs,
  onServed: (pages: ServedPages) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const { clock, logger, paths } = inputs
  const { serveHost } = await import('../../host/serve/serve.ts')
  const directory = await openShared(inputs)
  const isOwned = 'station' in directory
  let pages: ServedPages | null = null
  const lines = plan.printsBoard ? createBoardLines(directory.host) : null
  try {
    pages = await serveHost({
      ...plan,
      host: directory.host,
      folder: paths.serve,
      clock,
      randomBytes,
      logger,
    })
    await onServed(pages)
    lines?.start()
    await (isOwned ? runPipeline(directory, plan, inputs, signal) : showOther(directory, inputs, signal))
    return pages.port
  } catch (error) {
    throw toFault(error, 'serving failed')
  } finally {
    lines?.close()
    await pages?.close()
    await (isOwned ? directory.close(drainMs) : directory.close())
  }
}

/**
 * Serves a data directory until `signal` aborts: as its owner, or through whoever is.
 *
 * 1. A page may ask for another profile: its directory is opened after this one is closed.
 * 2. One that cannot be opened, or ends by itself, gives way to the one before it, and pages are told why.
 *
 * @param onServed called once, when pages can be asked for
 */
export async function serveDirectory(
  plan: ServePlan,
  first: OpenInputs,
  onServed: (pages: ServedPages) => Promise<void>,
  signal: AbortSignal,
  reopen: Reopen | null = null,
): Promise<void> {
  let round: Round = { inputs: first, before: null, failure: null }
  let { port } = plan
  let isFirst = true
  while (!signal.aborted) {
    const switching = new AbortController()
    let wanted: string | null = null
    const shell: Shell = {
      cannotSwitch: reopen ? null : 'this server keeps the profile it was started with',
      switchTo(profile) {
        wanted = profile
        switching.abort()
      },
      failure: round.failure,
      keyring: null,
    }
    const ended = AbortSignal.any([signal, switching.signal])
    try {
      const inputs = { ...round.inputs, shell }
      port = await serveOnce({ ...plan, port }, inputs, isFirst ? onServed : async () => undefined, ended)
      isFirst = false
    } catch (error) {
      const { before, inputs } = round
      if (before === null) throw error
      round = { inputs: before, before: null, failure: describeFailure(inputs.profile, error) }
    }
    if (wanted !== null && reopen) round = switchRound(round, wanted, reopen)
  }
}

/** Serves until a signal of the system ends it, and says where. */
export async function serveUntilEnd(plan: ServePlan, inputs: OpenInputs, reopen: Reopen): Promise<void> {
  const end = watchForEnd()
  try {
    await serveDirectory(plan, inputs, (pages) => announce(pages, plan, inputs), end.signal, reopen)
  } finally {
    end.close()
  }
}

/** `storepulse serve`: the same pages in a browser. */
export function addServeCommand(program: Command): void {
  withCommonOptions(
    program.command('serve').description('serve the pages to browsers; prints a link that signs in once'),
  )
    .option('--port <number>', 'port to listen on, 0 picks one (default: the setting serve.port)')
    .option('--host <address>', 'address to listen on; any but this machine’s own needs --cert and --key', '127.0.0.1')
    .option('--public-url <url>', 'the address a proxy in front shows')
    .option('--cert <file>', 'certificate for TLS, PEM')
    .option('--key <file>', 'key of that certificate, PEM')
    .option('--insecure', 'allow other machines to connect without TLS')
    .option('--open', 'open the pages in the browser')
    .option('--no-generator', 'make no events')
    .action(async (options: ServeOptions) => {
      const inputs = readContext(options, 'serve', options.port === undefined ? [] : [`serve.port=${options.port}`])
      const plan: ServePlan = {
        rendererFolder: builtRenderer,
        address: options.host,
        port: inputs.settings.number('serve.port'),
        publicUrl: options.publicUrl ?? null,
        tls: readTls(options),
        isInsecureAllowed: options.insecure ?? false,
        hasGenerator: options.generator,
        opensBrowser: options.open ?? false,
        printsBoard: false,
      }
      await serveUntilEnd(plan, inputs, (profile) => readContextOf(profile, options, 'serve'))
    })
}
