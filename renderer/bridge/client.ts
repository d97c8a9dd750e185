import type { PageCommandName, PageCommands, PageFeedName, PageFeeds } from '../../core/protocol/bridge.ts'
import { readAnswer } from './answers.ts'
import { backOffMs } from './back-off.ts'
import { createCommandFault } from './fault.ts'
import { createRequests } from './requests.ts'
import type { Timers } from './timers.ts'
import type { CloseReason, OpenTransport, Transport } from './transport.ts'

/**
 * One lasting conversation with the host over transports that come and go.
 *
 * 1. A request is answered once: by the host, by its abort, or by the loss of the connection it was sent on. It is never
 *    sent twice; one made while there is no connection waits for the next.
 * 2. Feeds with listeners are subscribed on every new connection.
 * 3. After a loss it tries again for ever, waiting longer each time; signed out, it waits for {@link Client.retryNow}.
 */
export interface Client {
  /** Opens the first connection. */
  start(): void
  stop(): void
  /** Tries at once instead of waiting. */
  retryNow(): void
  request<Name extends PageCommandName>(
    command: Name,
    payload: PageCommands[Name]['request'],
    signal?: AbortSignal,
  ): Promise<PageCommands[Name]['response']>
  /** Returns its undo. */
  subscribe<Name extends PageFeedName>(feed: Name, listener: (value: PageFeeds[Name]) => void): () => void
  status(): ClientStatus
  onStatus(listener: (status: ClientStatus) => void): () => void
  /** When the last message came, in the time of the client's timers; null before the first. */
  heardAtMs(): number | null
}

export type ClientStatus =
  /** `isAgain`: after a loss. */
  | { readonly kind: 'connecting'; readonly isAgain: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly retryAtMs: number }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'stopped' }

/** The connection is gone, and the next one is not open yet. */
export const isLost = (status: ClientStatus): boolean =>
  status.kind === 'waiting' || (status.kind === 'connecting' && status.isAgain)

/** A connection that is open and silent for so long is given up; feeds alone speak several times a second. */
const giveUpMs = 15_000
/** A connection that does not open in this time is given up. */
const openWithinMs = 10_000

export function createClient(openTransport: OpenTransport, timers: Timers): Client {
  const requests = createRequests()
  const feeds = new Map<PageFeedName, Set<(value: never) => void>>()
  const statusListeners = new Set<(status: ClientStatus) => void>()
  let status: ClientStatus = { kind: 'stopped' }
  let transport: Transport | null = null
  let cancelTimer: () => void = () => undefined
  let tries = 0
  let heardAtMs: number | null = null

  const setStatus = (next: ClientStatus): void => {
    status = next
    for (const listener of statusListeners) listener(next)
  }
  const setTimer = (ms: number, run: () => void): void => {
    cancelTimer()
    cancelTimer = timers.after(ms, run)
  }
  const lose = (reason: CloseReason): void => {
    cancelTimer()
    transport = null
    requests.failSent()
    if (reason === 'signed-out') return setStatus({ kind: 'signed-out' })
    const waitMs = backOffMs(tries, timers.random())
    tries += 1
    setTimer(waitMs, open)
    setStatus({ kind: 'waiting', retryAtMs: timers.nowMs() + waitMs })
  }
  const abandon = (opened: Transport | null): void => {
    opened?.close()
    lose('lost')
  }
  const watchSilence = (): void =>
    setTimer(giveUpMs, () => {
      const silentMs = timers.nowMs() - (heardAtMs ?? 0)
      if (silentMs >= giveUpMs && feeds.size > 0) abandon(transport)
      else watchSilence()
    })
  const receive = (message: unknown): void => {
    const answer = readAnswer(message)
    if (answer === null) return
    heardAtMs = timers.nowMs()
    tries = 0
    if (answer.kind !== 'feed') return requests.settle(answer)
    // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the host gives a feed its own type
    for (const listener of feeds.get(answer.feed) ?? []) listener(answer.value as never)
  }

  function open(): void {
    setStatus({ kind: 'connecting', isAgain: tries > 0 })
    // Events of a transport that was given up are not ours any more.
    let mine: Transport | null = null
    let isOver = false
    const isMine = (): boolean => !isOver && (mine === null || mine === transport)
    mine = openTransport({
      onOpen() {
        if (!isMine() || mine === null) return
        heardAtMs = timers.nowMs()
        for (const feed of feeds.keys()) mine.send({ kind: 'subscribe', feed })
        requests.sendWaiting(mine)
        watchSilence()
        setStatus({ kind: 'open' })
      },
      onMessage: (message) => isMine() && receive(message),
      onClose(reason) {
        if (!isMine()) return
        isOver = true
        lose(reason)
      },
    })
    if (isOver) return
    transport = mine
    setTimer(openWithinMs, () => abandon(mine))
  }

  const openedTransport = (): Transport | null => (status.kind === 'open' ? transport : null)

  return {
    start() {
      if (status.kind === 'stopped') open()
    },
    stop() {
      cancelTimer()
      transport?.close()
      transport = null
      requests.failAll(
        createCommandFault({ code: 'stopped', message: 'the page is closing', hint: null, retry: false }),
      )
      setStatus({ kind: 'stopped' })
    },
    retryNow() {
      if (status.kind !== 'waiting' && status.kind !== 'signed-out') return
      cancelTimer()
      open()
    },
    request: (command, payload, signal) => requests.make(command, payload, signal, openedTransport),
    subscribe(feed, listener) {
      const listeners = feeds.get(feed) ?? new Set()
      listeners.add(listener)
      if (listeners.size === 1) {
        feeds.set(feed, listeners)
        openedTransport()?.send({ kind: 'subscribe', feed })
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || feeds.get(feed) !== listeners) return
        feeds.delete(feed)
        openedTransport()?.send({ kind: 'unsubscribe', feed })
      }
    },
    status: () => status,
    onStatus(listener) {
      statusListeners.add(listener)
      return () => statusListeners.delete(listener)
    },
    heardAtMs: () => heardAtMs,
  }
}
