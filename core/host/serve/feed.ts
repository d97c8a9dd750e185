import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { repeatEvery } from '../../base/clock.ts'
import { describeError, Fault } from '../../base/fault.ts'
import type { Logger } from '../../base/logger.ts'
import { signedOutCloseCode } from '../../protocol/bridge.ts'
import type { HostMessage } from '../../protocol/wire.ts'
import { describeFault } from '../connections.ts'
import type { Host } from '../host.ts'
import { mayRun } from '../roles.ts'
import { readClientMessage } from '../socket-server.ts'
import type { ServeLimits } from './limits.ts'
import type { Session } from './sessions.ts'

/** Close codes of RFC 6455, section 7.4.1. */
const goingAway = 1001
const unsupportedData = 1003
const policyViolation = 1008

export interface FeedParts {
  readonly host: Host
  readonly limits: ServeLimits
  /** Whether that session still holds. */
  readonly isSignedIn: (session: Session) => boolean
  readonly logger: Logger
}

/** The pages' side of the host: the messages of wire.ts as JSON texts over WebSockets. */
export interface Feeds {
  /** Whether that session may open one more. */
  hasRoom(session: Session): boolean
  /** Makes a connection whose upgrade was let through a feed. */
  accept(incoming: IncomingMessage, socket: Duplex, head: Buffer, session: Session): void
  /** Says goodbye to all. */
  close(): void
}

/** Serves one page until it goes. */
function serveFeed(viewer: WebSocket, session: Session, { host, isSignedIn, limits, logger }: FeedParts): void {
  let inFlight = 0
  let isAlive = true
  const send = (message: HostMessage): void => {
    if (message.kind !== 'feed') inFlight -= 1
    if (viewer.readyState !== WebSocket.OPEN) return
    viewer.send(JSON.stringify(message))
    if (viewer.bufferedAmount > limits.pendingBytes) viewer.terminate()
  }
  const caller = { who: `${session.role} session ${session.id.slice(0, 8)}`, role: session.role }
  const served = host.connect({ caller, send, pendingBytes: () => viewer.bufferedAmount })
  const refuse = (id: number, reason: string): void => {
    inFlight += 1
    send({ kind: 'failure', id, fault: describeFault(new Fault('refused', reason, { domain: 'user' })) })
  }

  const take = (text: string): void => {
    const message = readClientMessage(JSON.parse(text))
    if (!message) throw new Fault('input', 'a message is none of the protocol')
    if (!isSignedIn(session)) {
      viewer.close(signedOutCloseCode, 'signed out')
      return
    }
    if (message.kind !== 'request') {
      served.receive(message)
      return
    }
    if (!mayRun(session.role, message.command)) {
      refuse(message.id, `a sign-in with the role ${session.role} may not run ${message.command}`)
    } else if (inFlight >= limits.requestsInFlight) {
      refuse(message.id, `${limits.requestsInFlight} requests wait for an answer already`)
    } else {
      inFlight += 1
      served.receive(message)
    }
  }
  const stopHeartbeat = repeatEvery(limits.heartbeatMs, () => {
    if (!isSignedIn(session)) viewer.close(signedOutCloseCode, 'signed out')
    else if (isAlive) viewer.ping()
    else viewer.terminate()
    isAlive = false
  })
  viewer.on('pong', () => {
    isAlive = true
  })
  viewer.on('message', (data, isBinary) => {
    isAlive = true
    if (isBinary || !Buffer.isBuffer(data)) {
      viewer.close(unsupportedData, 'messages are texts')
      return
    }
    try {
      take(data.toString('utf8'))
    } catch (error) {
      logger.warn('a page was cut off', { reason: describeError(error) })
      viewer.close(policyViolation, 'no message of the protocol')
    }
  })
  viewer.on('error', (error) => logger.debug('a page went away', { reason: error.message }))
  viewer.on('close', () => {
    stopHeartbeat()
    served.end()
  })
}

export function createFeeds(parts: FeedParts): Feeds {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: parts.limits.messageBytes,
    perMessageDeflate: false,
  })
  const viewers = new Map<WebSocket, string>()
  return {
    hasRoom: ({ id }) => [...viewers.values()].filter((other) => other === id).length < parts.limits.feedsPerSession,
    accept(incoming, socket, head, session) {
      server.handleUpgrade(incoming, socket, head, (viewer) => {
        viewers.set(viewer, session.id)
        viewer.on('close', () => viewers.delete(viewer))
        serveFeed(viewer, session, parts)
      })
    },
    close() {
      for (const viewer of viewers.keys()) viewer.close(goingAway, 'the server stops')
    },
  }
}
