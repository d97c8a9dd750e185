import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { systemErrorCode } from '../../base/fault.ts'
import type { Logger } from '../../base/logger.ts'
import { feedPath } from '../../protocol/bridge.ts'
import { judge, type OwnAddress } from './door.ts'
import type { Feeds } from './feed.ts'
import { makeNonce, securityHeaders } from './security-headers.ts'
import type { Session } from './sessions.ts'
import type { RandomBytes } from './vault.ts'

export interface Attendance {
  readonly addresses: readonly OwnAddress[]
  /** Answers a request that was let in. */
  readonly answer: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>
  readonly findSession: (incoming: IncomingMessage) => Session | null
  readonly feeds: Feeds
  readonly randomBytes: RandomBytes
  readonly logger: Logger
}

/** Answers on a bare connection; the answer has no content and is the last one on it. */
function endWith(socket: Duplex, status: number, headers: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ ...headers, Connection: 'close', 'Content-Length': '0' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.on('error', () => socket.destroy())
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n'), () =>
    socket.destroy(),
  )
}

/** What a connection that speaks no HTTP, or too slowly or too much of it, is told. */
function statusOfClientError(error: Error): number {
  const code = systemErrorCode(error)
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { Connection: 'close', 'Content-Length': '0' }).end()
}

/** Lets requests and upgrades of a server in, or refuses them; whatever is answered has the security headers. */
export function attend(server: Server, attendance: Attendance): void {
  const { addresses, answer, feeds, findSession, logger, randomBytes } = attendance
  const makeHeaders = (): Readonly<Record<string, string>> => securityHeaders(makeNonce(randomBytes))
  const begin = (outgoing: ServerResponse): void => {
    for (const [name, value] of Object.entries(makeHeaders())) outgoing.setHeader(name, value)
  }
  const judgeUpgrade = (incoming: IncomingMessage): { status: number; reason: string } | Session => {
    const refusal = judge(incoming, addresses, true)
    if (refusal) return refusal
    const session = findSession(incoming)
    if (!session) return { status: 401, reason: 'nobody is signed in' }
    if (incoming.url !== feedPath) return { status: 404, reason: 'no feed there' }
    return feeds.hasRoom(session) ? session : { status: 429, reason: 'too many feeds of one session' }
  }

  server.on('request', (incoming, outgoing) => {
    begin(outgoing)
    const refusal = judge(incoming, addresses, false)
    if (!refusal) {
      void answer(incoming, outgoing)
      return
    }
    logger.debug('a request was refused', refusal)
    refuse(outgoing, refusal.status)
  })
  // Without a listener these would be answered by Node.js itself, without our headers.
  server.on('checkExpectation', (_incoming, outgoing) => {
    begin(outgoing)
    refuse(outgoing, 417)
  })
  server.on('upgrade', (incoming, socket, head) => {
    const judged = judgeUpgrade(incoming)
    if (!('status' in judged)) {
      feeds.accept(incoming, socket, head, judged)
      return
    }
    logger.debug('an upgrade was refused', judged)
    endWith(socket, judged.status, makeHeaders())
  })
  server.on('clientError', (error, socket) => {
    // Where something was answered already, one more answer would pass for that of another request.
    const isUnanswered = socket.writable && 'bytesWritten' in socket && socket.bytesWritten === 0
    if (isUnanswered && systemErrorCode(error) !== 'ECONNRESET') {
      endWith(socket, statusOfClientError(error), makeHeaders())
    } else {
      socket.destroy()
    }
  })
}
