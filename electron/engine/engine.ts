import type { MessagePortMain } from 'electron'
import { repeatEvery, systemClock } from '../../core/base/clock.ts'
import { Fault, toFault } from '../../core/base/fault.ts'
import { createLogger } from '../../core/base/logger.ts'
import { acceptedFlags, acceptedSecrets } from '../../core/settings/accepted.ts'
import { type Host, openShared, type OwnedDirectory, type SharedDirectory } from '../../core/host/public.ts'
import type { EngineNews, EngineStart } from '../../core/protocol/engine-messages.ts'
import type { PipelineView } from '../../core/protocol/views.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { readProfile } from '../../core/settings/profile.ts'
import { readKind } from '../../core/settings/profile-keys.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { createAlertNews } from './alert-news.ts'
import { createRemoteKeyring, type RemoteKeyring } from './keyring.ts'
import { readOrder } from './orders.ts'
import { servePort } from './serve-port.ts'

/**
 * The engine of the desktop app: a process of its own that opens the data directory, runs the pipeline and serves pages.
 *
 * 1. It owns the directory, or shows what its owner does, as `serve` does.
 * 2. When it cannot go on it says why and ends; main starts the next one.
 */
const drainMs = 3_000
const firstPastMs = 86_400_000
const lookForAlertsMs = 2_000

const { parentPort } = process
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between processes has no origin
const tell = (news: EngineNews): void => parentPort.postMessage(news)
const waiting: MessagePortMain[] = []
let directory: OwnedDirectory | SharedDirectory | null = null
let keyring: RemoteKeyring | null = null
let processes: PipelineView['processes'] = []

async function end(code: number): Promise<never> {
  try {
    if (directory) await ('station' in directory ? directory.close(drainMs) : directory.close())
  } finally {
    process.exit(code)
  }
}

async function giveUp(error: unknown): Promise<void> {
  const { hint, message } = toFault(error, 'the engine')
  tell({ kind: 'failed', message, hint: hint ?? null })
  await end(1)
}

function watchAlerts(host: Host): void {
  const findNews = createAlertNews(systemClock.nowMs())
  const look = async (): Promise<void> => {
    const { raised, resolved } = findNews((await host.run('status', {})).alerts)
    for (const alert of raised) tell({ kind: 'alert', alert })
    for (const id of resolved) tell({ kind: 'resolved', id })
  }
  // Without a board there are no news of alerts either; the pages show why there is none.
  repeatEvery(lookForAlertsMs, () => void look().catch(() => undefined))
}

async function open(start: EngineStart): Promise<void> {
  const { dataDirectory, flags, previous, profile, version } = start
  const paths = describeDataDirectory(dataDirectory, profile)
  const section = readProfile(paths.profiles, profile)
  keyring = createRemoteKeyring(tell, start.cannotKeepSecrets)
  const settings = resolveSettings({
    profile: section,
    environment: process.env,
    flags: start.isSwitched ? acceptedFlags(readKind(section), flags) : flags,
    secrets: acceptedSecrets(readKind(section), start.secrets),
  })
  directory = await openShared({
    paths,
    settings,
    profile,
    clock: systemClock,
    logger: createLogger('warn'),
    workerUrl: new URL('./generator.worker.cjs', import.meta.url),
    command: 'storepulse start',
    version,
    shell: {
      cannotSwitch: null,
      switchTo: (next) => tell({ kind: 'switch', profile: next }),
      failure: start.failure,
      keyring,
      listProcesses: () => processes,
    },
  })
  tell({ kind: 'ready' })
  for (const port of waiting.splice(0)) servePort(port, directory.host)
  watchAlerts(directory.host)
  if (!('station' in directory)) {
    // Whoever owned the directory has left: the next engine owns it.
    await directory.ownerLeft
    return giveUp(new Fault('closing', 'the process that owned the data directory has ended'))
  }
  const { station } = directory
  if (previous) station.noteRestart({ what: 'engine', ...previous })
  const hasOwnEvents = settings.flag('generator.enabled') && settings.number('generator.rate') > 0
  if (hasOwnEvents) station.goLive(firstPastMs).catch(giveUp)
  try {
    await station.start({ closesIdle: true })
  } catch (error) {
    // A page asks whether the database may be given its schema, and this engine is ended then.
    if (!station.obstacle) throw error
    return
  }
  await station.finished
}

// A terminal sends these to every process of the app: main hears them too, and ends this one in its turn.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('SIGTERM', () => void end(0))

parentPort.on('message', ({ data, ports }) => {
  const order = readOrder(data)
  switch (order?.kind) {
    case 'open':
      open(order.start).catch(giveUp)
      break
    case 'page':
      for (const port of ports) {
        if (directory) servePort(port, directory.host)
        else waiting.push(port)
      }
      break
    case 'recalled':
    case 'kept':
      keyring?.take(order)
      break
    case 'processes':
      processes = order.processes
      break
    case 'ping':
      tell({ kind: 'pong' })
      break
    case 'stop':
      void end(0)
      break
    case undefined:
      break
  }
})
