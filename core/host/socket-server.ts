import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { describeError, Fault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import { pageFeedNames } from '../protocol/bridge.ts'
import type { FeedName } from '../protocol/commands.ts'
import type { ClientMessage } from '../protocol/wire.ts'
import type { Host } from './host.ts'
import { createLineReader } from './lines.ts'

const mostWho = 200

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A message of the protocol, or null; the payload is checked by the command's own schema later. */
export function readClientMessage(value: unknown): ClientMessage | null {
  if (!isObject(value)) return null
  const { kind, id, command, payload, feed } = value
  if (kind === 'subscribe' || kind === 'unsubscribe') {
    if (!pageFeedNames.some((known) => known === feed)) return null
    // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- just looked up
    return { kind, feed: feed as FeedName }
  }
  if (typeof id !== 'number') return null
  if (kind === 'cancel') return { kind, id }
  if (kind !== 'request' || typeof command !== 'string') return null
  // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the host refuses names it does not know
  return { kind, id, command: command as Extract<ClientMessage, { kind: 'request' }>['command'], payload }
}

/** Only the user of the data directory reaches the socket: its word on whose behalf it asks is taken. */
const readWho = (value: unknown): string | undefined =>
  isObject(value) && typeof value['who'] === 'string' ? value['who'].slice(0, mostWho) : undefined

function serve(socket: Socket, host: Host, logger: Logger): void {
  const served = host.connect({
    send: (message) => void (socket.writable && socket.write(`${JSON.stringify(message)}\n`)),
    pendingBytes: () => socket.writableLength,
  })
  const read = createLineReader((value) => {
    const message = readClientMessage(value)
    if (!message) throw new Fault('input', 'a message is none of the protocol')
    served.receive(message, readWho(value))
  })
  socket.on('data', (chunk) => {
    try {
      read(chunk)
    } catch (error) {
      logger.warn('a client was cut off', { reason: describeError(error) })
      socket.destroy()
    }
  })
  socket.on('error', (error) => logger.debug('a client went away', { reason: error.message }))
  socket.on('close', () => served.end())
}

/** Listens on a user-only unix socket or named pipe; returns what ends it. */
export async function listenOnSocket(path: string, host: Host, logger: Logger): Promise<() => Promise<void>> {
  if (process.platform !== 'win32') await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, host, logger)
  })
  const before = process.platform === 'win32' ? 0 : process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => resolve())
    })
  } finally {
    if (process.platform !== 'win32') process.umask(before)
  }
  return () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.end()
      server.close(() => resolve())
      for (const socket of sockets) socket.destroySoon()
    })
}
