import { feedPath, type PageBridge, signedOutCloseCode } from '../core/protocol/bridge.ts'
import type { OpenTransport, TransportEvents } from './bridge/transport.ts'

/** The sole place that knows what is on the other side: `window.storepulse` of the desktop app, or a server. */

declare global {
  interface Window {
    readonly storepulse?: PageBridge
  }
}

/** The desktop app around this page, or null in a browser. */
export const desktop: PageBridge | null = window.storepulse ?? null

const openDesktop =
  (bridge: PageBridge): OpenTransport =>
  (events) => {
    const connection = bridge.connect({
      // It may open at once, before the client holds what it asked for.
      onOpen: () => queueMicrotask(events.onOpen),
      onMessage: events.onMessage,
      onClose: () => events.onClose('lost'),
    })
    return {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a connection of our own, and no window
      send: (message) => connection.postMessage(message),
      close: () => connection.close(),
    }
  }

/** A refused upgrade does not tell the page why; the same address asked plainly does. */
async function isSignedOut(): Promise<boolean> {
  try {
    const answer = await fetch(feedPath, { cache: 'no-store' })
    return answer.status === 401
  } catch {
    // No answer at all: the server is away, and we are not signed out for that.
    return false
  }
}

async function reportEnd(code: number, hasOpened: boolean, events: TransportEvents): Promise<void> {
  if (code === signedOutCloseCode) return events.onClose('signed-out')
  events.onClose(!hasOpened && (await isSignedOut()) ? 'signed-out' : 'lost')
}

function readJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null
  } catch {
    // Half a text is no message; what it would have said comes again with the next one.
    return null
  }
}

const openWebSocket: OpenTransport = (events) => {
  const url = new URL(feedPath, window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url)
  let hasOpened = false
  let isOver = false
  socket.addEventListener('open', () => {
    hasOpened = true
    if (!isOver) events.onOpen()
  })
  socket.addEventListener('message', ({ data }) => {
    if (!isOver) events.onMessage(readJson(data))
  })
  socket.addEventListener('close', ({ code }) => {
    if (isOver) return
    isOver = true
    void reportEnd(code, hasOpened, events)
  })
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
    close() {
      isOver = true
      socket.close()
    },
  }
}

export const openTransport: OpenTransport = desktop ? openDesktop(desktop) : openWebSocket
