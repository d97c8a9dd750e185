import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

/** Asks a server on this machine exactly what it is told: the target is sent as it is, and no header is added but Host. */
export function ask(port: number, target: string, { body, headers = {}, method = 'GET' }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path: target, method, headers, setHost: !('Host' in headers), agent: false },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(parts).toString('utf8'),
          }),
        )
      },
    )
    asking.on('error', reject)
    // What was refused is an answer like any other.
    asking.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' })
    })
    asking.end(body)
  })
}

export interface RawAnswer {
  readonly text: string
  readonly elapsedMs: number
}

/** Sends bytes as they are, piece by piece with a pause before each, and gives what came back until the other side ended it. */
export function askRaw(port: number, pieces: readonly string[], pauseMs = 0): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const startedMs = performance.now()
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let at = 0
    const sendNext = (): void => {
      const piece = pieces[at]
      at += 1
      if (piece === undefined || socket.destroyed) return
      socket.write(piece)
      setTimeout(sendNext, pauseMs)
    }
    socket.on('connect', sendNext)
    socket.on('data', (part) => {
      text += part.toString('utf8')
    })
    // A connection that is reset has ended as well.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve({ text, elapsedMs: performance.now() - startedMs }))
  })
}
