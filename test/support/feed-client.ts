import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { ClientMessage, HostMessage } from '../../core/protocol/wire.ts'
import { fromOwnPage } from './served-pages.ts'

/** A page at the feed. */
export interface FeedClient {
  readonly socket: WebSocket
  send(message: ClientMessage): void
  /** Sends a request and waits for its answer. */
  run(command: string, payload?: unknown): Promise<HostMessage>
  /** The next message that is not the answer of a `run`. */
  next(): Promise<HostMessage>
  /** Resolves with the code the connection was closed with. */
  readonly closed: Promise<number>
}

/** Connects to the feed of a served page, as that page would. @throws when the upgrade is refused */
export async function openFeed(port: number, cookie: string): Promise<FeedClient> {
  const headers = { Cookie: cookie, ...fromOwnPage(port) }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/feed`, { headers })
  onTestFinished(() => socket.terminate())
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (code) => resolve(code))
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => socket.terminate())
  const waiting = new Map<number, (message: HostMessage) => void>()
  const others: HostMessage[] = []
  let wake: (() => void) | null = null
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as HostMessage
    const resolve = 'id' in message ? waiting.get(message.id) : undefined
    if (resolve) resolve(message)
    else others.push(message)
    wake?.()
  })
  const send = (message: ClientMessage): void => socket.send(JSON.stringify(message))
  let lastId = 0
  return {
    socket,
    send,
    closed,
    run(command, payload = {}) {
      lastId += 1
      const id = lastId
      return new Promise((resolve) => {
        waiting.set(id, resolve)
        send({ kind: 'request', id, command: command as 'hello', payload })
      })
    },
    async next() {
      while (others.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return others.shift() as HostMessage
    },
  }
}
