import { connect, createServer, type Socket } from 'node:net'

/** Who sent a chunk that passes. */
export type Sender = 'client' | 'server'

/** What happens to a chunk: it passes; it passes and then the connection is reset; or it never arrives. */
export type Verdict = 'pass' | 'pass-then-cut' | 'cut'

export interface Address {
  readonly host: string
  readonly port: number
}

/** A TCP proxy in front of a server that can do what networks do. It never changes a byte that passes. */
export interface FaultProxy extends Address {
  /** Where connections go that are made from now on. */
  setTarget(target: Address): void
  /** Every chunk is this much later, in each direction; order is kept. */
  setLatency(delayMs: number): void
  /** Resets what is open. */
  cut(): void
  /** New connections are refused, as with nobody on the port; open ones stay. */
  refuse(): Promise<void>
  /** Takes connections again. */
  accept(): Promise<void>
  /** Half-open: connections stay and can be made, but nothing passes any more in either direction. */
  freeze(): void
  /** What was held back passes. */
  thaw(): void
  /** Once so many more bytes of this side have passed, over all connections, the one on which they did is reset. Once. */
  killAfterBytes(bytes: number, from: Sender): void
  /** Asked about every chunk; null asks nobody. */
  watch(judge: ((chunk: Buffer, from: Sender) => Verdict) | null): void
  /** Open connections. */
  countOpen(): number
  /** Connections taken since the start. */
  countAccepted(): number
  stop(): Promise<void>
}

interface Connection {
  readonly reset: () => void
  readonly flush: () => void
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startProxy(target: Address | null = null): Promise<FaultProxy> {
  const open = new Set<Connection>()
  let currentTarget = target
  let latencyMs = 0
  let frozen = false
  let accepted = 0
  let killing: { bytesLeft: number; readonly from: Sender } | null = null
  let judge: ((chunk: Buffer, from: Sender) => Verdict) | null = null

  const judgeChunk = (chunk: Buffer, from: Sender): { readonly passes: Buffer; readonly cuts: boolean } => {
    const verdict = judge?.(chunk, from) ?? 'pass'
    if (verdict === 'cut') return { passes: chunk.subarray(0, 0), cuts: true }
    if (killing?.from === from && chunk.length >= killing.bytesLeft) {
      const passes = chunk.subarray(0, killing.bytesLeft)
      killing = null
      return { passes, cuts: true }
    }
    if (killing?.from === from) killing.bytesLeft -= chunk.length
    return { passes: chunk, cuts: verdict === 'pass-then-cut' }
  }

  const join = (client: Socket, { host, port }: Address): void => {
    const server = connect(port, host)
    const held: (() => void)[] = []
    const connection: Connection = {
      reset() {
        open.delete(connection)
        client.resetAndDestroy()
        server.resetAndDestroy()
      },
      flush: () => {
        for (const pass of held.splice(0)) pass()
      },
    }
    open.add(connection)
    accepted += 1
    const passLater = (pass: () => void): void => {
      const passUnlessFrozen = (): void => void (frozen || held.length > 0 ? held.push(pass) : pass())
      if (latencyMs > 0) setTimeout(passUnlessFrozen, latencyMs)
      else passUnlessFrozen()
    }
    const relay = (source: Socket, sink: Socket, from: Sender): void => {
      source.on('data', (chunk: Buffer) =>
        passLater(() => {
          const { passes, cuts } = judgeChunk(chunk, from)
          if (sink.destroyed) return
          if (cuts) sink.write(passes, () => setImmediate(connection.reset))
          else if (!sink.write(passes)) {
            source.pause()
            sink.once('drain', () => source.resume())
          }
        }),
      )
      source.on('end', () => passLater(() => void (sink.destroyed || sink.end())))
      // Whatever broke it: the other side sees a broken connection too.
      source.on('error', () => passLater(() => connection.reset()))
      source.on('close', () => {
        if (client.destroyed && server.destroyed) open.delete(connection)
      })
    }
    client.setNoDelay(true)
    server.setNoDelay(true)
    relay(client, server, 'client')
    relay(server, client, 'server')
  }

  const createListener = (): ReturnType<typeof createServer> =>
    createServer({ allowHalfOpen: true }, (client) => {
      if (currentTarget === null) client.resetAndDestroy()
      else join(client, currentTarget)
    })
  const listen = async (server: ReturnType<typeof createServer>, port: number): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  }
  let listener = createListener()
  await listen(listener, 0)
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const cut = (): void => {
    for (const connection of open) connection.reset()
  }

  return {
    host: '127.0.0.1',
    port,
    setTarget: (next) => void (currentTarget = next),
    setLatency: (delayMs) => void (latencyMs = delayMs),
    cut,
    async refuse() {
      // Closing ends when the last connection does; the port is refused at once.
      listener.close()
    },
    async accept() {
      if (listener.listening) return
      listener = createListener()
      await listen(listener, port)
    },
    freeze: () => void (frozen = true),
    thaw() {
      frozen = false
      for (const { flush } of open) flush()
    },
    killAfterBytes: (bytes, from) => void (killing = { bytesLeft: bytes, from }),
    watch: (next) => void (judge = next),
    countOpen: () => open.size,
    countAccepted: () => accepted,
    async stop() {
      const closed = new Promise((resolve) => listener.close(resolve))
      cut()
      await closed
    },
  }
}
