import { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'

/** What clients ask of a socket besides its bytes means nothing on the way through a tunnel. */
class TunnelSocket extends Duplex {
  connect(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}

/**
 * A connection that can be written to while its channel is still being opened.
 *
 * @param onEnd called once, when nothing goes through any more
 */
export function createTunnelSocket(open: () => Promise<Duplex>, onEnd: () => void, clock: Clock): Duplex {
  let channel: Duplex | null = null
  // A stream has one write or end under way at a time.
  let waiting: ((to: Duplex) => void) | null = null
  const whenOpen = (use: (to: Duplex) => void): void => {
    if (channel) use(channel)
    else waiting = use
  }
  /** TLS on top of it says first why it gave up; who hears of the end before that knows no reason. */
  const endLater = async (end: () => void): Promise<void> => {
    await clock.sleep(0)
    end()
  }
  const socket = new TunnelSocket({
    read: () => void channel?.resume(),
    write: (chunk, encoding, done) => whenOpen((to) => to.write(chunk, encoding, () => done())),
    final: (done) => whenOpen((to) => to.end(() => done())),
    destroy(error, done) {
      channel?.destroy()
      onEnd()
      void endLater(() => done(error))
    },
  })
  const follow = (opened: Duplex): void => {
    channel = opened
    opened.on('data', (chunk: Buffer) => {
      if (!socket.push(chunk)) opened.pause()
    })
    opened.once('end', () => socket.push(null))
    opened.once('close', () => socket.destroy())
    opened.on('error', (error) => socket.destroy(error))
    waiting?.(opened)
    socket.emit('connect')
  }
  const begin = async (): Promise<void> => {
    try {
      const opened = await open()
      if (socket.destroyed) opened.destroy()
      else follow(opened)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }
  void begin()
  return socket
}
