import { connect, type Socket } from 'node:net'
import { Fault, type FaultCode, faultCodes } from '../base/fault.ts'
import type { Board } from '../protocol/board.ts'
import type { CommandName, Commands, FeedName, Feeds } from '../protocol/commands.ts'
import type { ClientMessage, WireFault } from '../protocol/wire.ts'
import type { Host } from './host.ts'
import { createLineReader } from './lines.ts'

/** Whoever talks to a host, in this process or another. */
export interface Client {
  run<Name extends CommandName>(
    command: Name,
    payload: Commands[Name]['request'],
    signal?: AbortSignal,
  ): Promise<Commands[Name]['response']>
  /** Calls `listener` with each board the host pushes; returns its undo. */
  watchBoard(listener: (board: Board) => void): () => void
  close(): Promise<void>
}

/** A client of a host in another process. */
export interface RemoteClient extends Client {
  /** `who`: on whose behalf; without it, that of the user of this process. */
  run<Name extends CommandName>(
    command: Name,
    payload: Commands[Name]['request'],
    signal?: AbortSignal,
    who?: string,
  ): Promise<Commands[Name]['response']>
  /** Calls `listener` with each value the host pushes to a feed; returns its undo. */
  watch<Name extends FeedName>(feed: Name, listener: (value: Feeds[Name]) => void): () => void
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
}

/** A client of a host in this same process. */
export function createLocalClient(host: Host, close: () => Promise<void>): Client {
  return {
    run: (command, payload, signal) => host.run(command, payload, signal),
    watchBoard(listener) {
      const served = host.connect({
        // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the only feed there is
        send: (message) => void (message.kind === 'feed' && listener(message.value as Board)),
        pendingBytes: () => 0,
      })
      served.receive({ kind: 'subscribe', feed: 'board' })
      return () => served.end()
    },
    close,
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function restoreFault(wire: WireFault): Fault {
  const code: FaultCode = faultCodes.find((known) => known === wire.code) ?? 'internal'
  return new Fault(code, wire.message, { retry: wire.retry, ...(wire.hint === null ? {} : { hint: wire.hint }) })
}

interface Pending {
  readonly resolve: (result: never) => void
  readonly reject: (fault: Fault) => void
}

/** Connects to an owner's socket. @throws Fault `unreachable` when nobody listens there */
export async function connectToSocket(path: string): Promise<RemoteClient> {
  const socket = await openSocket(path)
  const pending = new Map<number, Pending>()
  const watchers = new Map<FeedName, Set<(value: never) => void>>()
  let nextId = 1
  let isClosing = false
  /** `undone`: surely not carried out, so that asking again elsewhere does nothing twice. */
  const describeEnd = (wasSent: boolean): Fault =>
    new Fault('unreachable', 'the owner went away', { retry: true, detail: { undone: isClosing || !wasSent } })

  const send = (message: ClientMessage): Promise<void> =>
    new Promise((resolve) => {
      if (socket.write(`${JSON.stringify(message)}\n`)) resolve()
      else socket.once('drain', resolve)
    })
  const take = (value: unknown): void => {
    if (!isObject(value)) return
    // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- the owner is this same program
    const message = value as {
      kind?: string
      id?: number
      result?: never
      fault?: WireFault
      feed?: FeedName
      value?: never
    }
    if (message.kind === 'closing') isClosing = true
    if (message.kind === 'feed' && message.feed && message.value !== undefined) {
      for (const watcher of watchers.get(message.feed) ?? []) watcher(message.value)
    }
    const waiting = message.id === undefined ? undefined : pending.get(message.id)
    if (!waiting || message.id === undefined) return
    pending.delete(message.id)
    if (message.fault) waiting.reject(restoreFault(message.fault))
    // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- answers carry a result
    else waiting.resolve(message.result as never)
  }
  socket.on('data', createLineReader(take))
  socket.on('close', () => {
    for (const { reject } of pending.values()) reject(describeEnd(true))
    pending.clear()
  })

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })

  const watch: RemoteClient['watch'] = (feed, listener) => {
    const listeners = watchers.get(feed) ?? new Set()
    watchers.set(feed, listeners.add(listener))
    void send({ kind: 'subscribe', feed })
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) void send({ kind: 'unsubscribe', feed })
    }
  }

  return {
    closed,
    run(command, payload, signal, who) {
      const id = nextId
      nextId += 1
      return new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(describeEnd(false))
          return
        }
        pending.set(id, { resolve, reject })
        signal?.addEventListener('abort', () => void send({ kind: 'cancel', id }), { once: true })
        void send({ kind: 'request', id, command, payload, ...(who === undefined ? {} : { who }) })
      })
    },
    watch,
    watchBoard: (listener) => watch('board', listener),
    close() {
      // Without waiting for the other side, which may hang.
      socket.destroySoon()
      return closed
    },
  }
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
    socket.once('error', (cause) =>
      reject(new Fault('unreachable', `nobody answers at ${path}`, { cause, retry: true })),
    )
  })
}
