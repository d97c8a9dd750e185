import { type MessagePortMain, utilityProcess, type UtilityProcess } from 'electron'
import { z } from 'zod'
import type { Alert } from '../../core/protocol/board.ts'
import type { EngineOrder, EngineStart } from '../../core/protocol/engine-messages.ts'
// oxlint-disable-next-line import/default -- with ?modulePath it is the path of what was built from it
import enginePath from '../engine/engine.ts?modulePath'
import { backOffMs } from './back-off.ts'
import { listProcesses } from './processes.ts'
import type { ProfileCourse } from './profile-course.ts'
import type { SecretStore } from './secrets.ts'

/**
 * The life of the engine.
 *
 * 1. While nobody has stopped it there is one, or the next one is on its way; each wait is longer than the last.
 * 2. One that does not answer for half a minute is ended, as if it had crashed. Its commits are whole, the next goes on there.
 */
export interface EngineProcess {
  start(): void
  /** Hands it a page's port. Returns false while there is no engine to take it. */
  connect(port: MessagePortMain): boolean
  /** Neither asks it for signs of life nor takes their absence for an end, while the machine sleeps. */
  setAsleep(isAsleep: boolean): void
  /** Ends it as `stop` does, and starts the next one at once, with what the course says then. */
  startAnew(): void
  /** Lets it commit and end; ends it after five seconds. */
  stop(): Promise<void>
}

export interface EngineListeners {
  readonly onReady: () => void
  /** It is gone, why, and when the next one comes. */
  readonly onGone: (reason: string, nextInMs: number) => void
  readonly onAlert: (alert: Pick<Alert, 'id' | 'message' | 'storeId'>) => void
  readonly onResolved: (id: string) => void
  readonly onSwitch: (profile: string) => void
  /** It was ended for another one. */
  readonly onReplaced: () => void
}

export interface EngineProcessParts {
  readonly start: Pick<EngineStart, 'dataDirectory' | 'flags' | 'version'>
  readonly course: ProfileCourse
  readonly secrets: SecretStore
  readonly listeners: EngineListeners
}

const heartbeatMs = 2_000
const silentMs = 30_000
const stopWithinMs = 5_000
/** One that ran for so long is no early end. */
const settledMs = 60_000

/** What could be a folder's name, and leads nowhere else. */
const profileName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/i)

const newsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('pong') }),
  z.object({
    kind: z.literal('alert'),
    alert: z
      .object({ id: z.string(), message: z.string(), storeId: z.int().optional() })
      .transform(({ id, message, storeId }) => (storeId === undefined ? { id, message } : { id, message, storeId })),
  }),
  z.object({ kind: z.literal('resolved'), id: z.string() }),
  z.object({ kind: z.literal('failed'), message: z.string(), hint: z.string().nullable() }),
  z.object({ kind: z.literal('switch'), profile: profileName }),
  z.object({ kind: z.literal('recall'), id: z.int(), profile: profileName }),
  z.object({
    kind: z.literal('keep'),
    id: z.int(),
    profile: profileName,
    changes: z.record(z.string(), z.string().nullable()),
  }),
])

const describeError = (error: unknown): string => (error instanceof Error ? error.message : 'the keyring failed')

async function answerRecall(secrets: SecretStore, id: number, profile: string): Promise<EngineOrder> {
  try {
    const isOpen = (await secrets.refusal()) === null
    return { kind: 'recalled', id, secrets: isOpen ? await secrets.recall(profile) : {}, refusal: null }
  } catch (error) {
    return { kind: 'recalled', id, secrets: {}, refusal: describeError(error) }
  }
}

async function answerKeep(
  secrets: SecretStore,
  id: number,
  profile: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<EngineOrder> {
  try {
    await secrets.keep(profile, changes)
    return { kind: 'kept', id, refusal: null }
  } catch (error) {
    return { kind: 'kept', id, refusal: describeError(error) }
  }
}

export function createEngineProcess({ course, listeners, secrets, start }: EngineProcessParts): EngineProcess {
  let child: UtilityProcess | null = null
  let isReady = false
  let isStopping = false
  let isAsleep = false
  let isSwitching = false
  let tries = 0
  let heardAtMs = 0
  let failure: { readonly message: string; readonly hint: string | null } | null = null
  let previous: EngineStart['previous'] = null
  let onEnd: () => void = () => undefined
  let heartbeat: NodeJS.Timeout | null = null
  const tell = (order: EngineOrder, ports: MessagePortMain[] = []): void => child?.postMessage(order, ports)

  const hear = (raw: unknown): void => {
    heardAtMs = performance.now()
    const news = newsSchema.safeParse(raw)
    if (!news.success) return
    switch (news.data.kind) {
      case 'ready':
        isReady = true
        listeners.onReady()
        break
      case 'alert':
        listeners.onAlert(news.data.alert)
        break
      case 'resolved':
        listeners.onResolved(news.data.id)
        break
      case 'failed':
        failure = news.data
        break
      case 'switch':
        listeners.onSwitch(news.data.profile)
        break
      case 'recall':
        void answerRecall(secrets, news.data.id, news.data.profile).then(tell)
        break
      case 'keep':
        void answerKeep(secrets, news.data.id, news.data.profile, news.data.changes).then(tell)
        break
      case 'pong':
        break
    }
  }
  const checkLife = (): void => {
    if (isAsleep) return
    if (performance.now() - heardAtMs > silentMs) {
      failure ??= { message: 'it did not answer', hint: null }
      child?.kill()
    } else {
      tell({ kind: 'ping' })
      tell({ kind: 'processes', processes: listProcesses(child?.pid) })
    }
  }
  const end = (code: number, startedAtMs: number): void => {
    child = null
    isReady = false
    if (heartbeat) clearInterval(heartbeat)
    onEnd()
    if (isStopping) return
    if (isSwitching) {
      isSwitching = false
      previous = null
      listeners.onReplaced()
      return fork()
    }
    const ranMs = performance.now() - startedAtMs
    if (ranMs > settledMs) tries = 0
    const last = failure ?? { message: `it ended with exit code ${code}`, hint: null }
    const reason = last.hint === null ? last.message : `${last.message}; ${last.hint}`
    const goesBack = course.noteEnd(last, ranMs)
    if (goesBack) tries = 0
    const waitMs = goesBack ? 0 : backOffMs(tries)
    tries += 1
    previous = goesBack ? null : { reason, atMs: Date.now() }
    listeners.onGone(reason, waitMs)
    setTimeout(fork, waitMs)
  }
  const fork = (): void => {
    if (isStopping || child) return
    failure = null
    heardAtMs = performance.now()
    const startedAtMs = heardAtMs
    child = utilityProcess.fork(enginePath, [], { serviceName: 'Storepulse engine', stdio: 'inherit' })
    child.on('message', hear)
    child.once('exit', (code) => end(code, startedAtMs))
    heartbeat = setInterval(checkLife, heartbeatMs)
    void openProfile(child)
  }
  /** The keyring may ask its user first. */
  async function openProfile(mine: UtilityProcess): Promise<void> {
    const { profile, ...rest } = course.current()
    const recalled = await answerRecall(secrets, 0, profile)
    const cannotKeepSecrets = await secrets.refusal().catch(describeError)
    if (child !== mine || recalled.kind !== 'recalled') return
    const kept = { secrets: recalled.secrets, cannotKeepSecrets: recalled.refusal ?? cannotKeepSecrets }
    tell({ kind: 'open', start: { ...start, ...rest, ...kept, profile, previous } })
  }
  const waitForEnd = (): Promise<void> =>
    new Promise((resolve) => {
      const giveUp = setTimeout(() => child?.kill(), stopWithinMs)
      onEnd = () => {
        clearTimeout(giveUp)
        resolve()
      }
    })

  return {
    start: fork,
    connect(port) {
      if (!isReady) return false
      tell({ kind: 'page' }, [port])
      return true
    },
    setAsleep(next) {
      isAsleep = next
      heardAtMs = performance.now()
    },
    startAnew() {
      tries = 0
      if (!child) return
      isSwitching = true
      void waitForEnd()
      tell({ kind: 'stop' })
    },
    async stop() {
      isStopping = true
      if (!child) return
      const ended = waitForEnd()
      tell({ kind: 'stop' })
      await ended
    },
  }
}
