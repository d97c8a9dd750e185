import { type MessagePortMain, utilityProcess, type UtilityProcess } from 'electron'
import { z } from 'zod'
import type { Alert } from '../../core/protocol/board.ts'
import type { EngineOrder, EngineStart } from '../../core/protocol/engine-messages.ts'
// oxlint-disable-next-line import/default -- with ?modulePath it is the path of what was built from it
import enginePath from '../engine/engine.ts?modulePath'
import { backOffMs } from './back-off.ts'

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
  /** Lets it commit and end; ends it after five seconds. */
  stop(): Promise<void>
}

export interface EngineListeners {
  readonly onReady: () => void
  /** It is gone, why, and when the next one comes. */
  readonly onGone: (reason: string, nextInMs: number) => void
  readonly onAlert: (alert: Pick<Alert, 'id' | 'message' | 'storeId'>) => void
  readonly onResolved: (id: string) => void
}

const heartbeatMs = 2_000
const silentMs = 30_000
const stopWithinMs = 5_000
/** One that ran for so long is no early end. */
const settledMs = 60_000

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
])

export function createEngineProcess(start: Omit<EngineStart, 'previous'>, listeners: EngineListeners): EngineProcess {
  let child: UtilityProcess | null = null
  let isReady = false
  let isStopping = false
  let isAsleep = false
  let tries = 0
  let heardAtMs = 0
  let failure: string | null = null
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
        failure = news.data.hint === null ? news.data.message : `${news.data.message}; ${news.data.hint}`
        break
      case 'pong':
        break
    }
  }
  const checkLife = (): void => {
    if (isAsleep) return
    if (performance.now() - heardAtMs > silentMs) {
      failure ??= 'it did not answer'
      child?.kill()
    } else tell({ kind: 'ping' })
  }
  const end = (code: number, startedAtMs: number): void => {
    child = null
    isReady = false
    if (heartbeat) clearInterval(heartbeat)
    onEnd()
    if (isStopping) return
    if (performance.now() - startedAtMs > settledMs) tries = 0
    const waitMs = backOffMs(tries)
    tries += 1
    const reason = failure ?? `it ended with exit code ${code}`
    previous = { reason, atMs: Date.now() }
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
    tell({ kind: 'open', start: { ...start, previous } })
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
    async stop() {
      isStopping = true
      if (!child) return
      const ended = waitForEnd()
      tell({ kind: 'stop' })
      await ended
    },
  }
}
