import type { RedisConnection } from '../../base/connections.ts'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Logger } from '../../base/logger.ts'
import type { Cache, CacheState } from '../cache.ts'
import { formatEntry, parseEntry } from '../entry.ts'
import { createListeners } from '../listeners.ts'
import { createPacer } from '../pacer.ts'
import { toRedisFault } from './redis-fault.ts'
import { connectToRedis, type RedisLink } from './redis-link.ts'

export interface RedisCacheParts {
  readonly clock: Clock
  readonly logger: Logger
}

/** An answer is waited for this long; boards come once a second. */
const answerMs = 2_000
/** Connecting with all its handshakes. */
const connectMs = 8_000
const firstPauseMs = 100
const longestPauseMs = 5_000

/** The host and port of the URL, for messages. */
function describeServer({ clusterUrls, url }: RedisConnection): string {
  const hosts = (clusterUrls.length > 0 ? clusterUrls : [url]).map((text) => new URL(text).host)
  return `Redis at ${hosts.join(', ')}`
}

/**
 * Opens a cache on a Redis server or cluster. Returns at once and connects behind it: when that fails, or the connection
 * ends, or an answer does not come in time, it says so once and tries again, ever less often up to every 5 s.
 */
export function openRedisCache(connection: RedisConnection, { clock, logger }: RedisCacheParts): Cache {
  const key = `${connection.prefix}board`
  const channel = `${connection.prefix}boards`
  const server = describeServer(connection)
  const closing = new AbortController()
  const listeners = createListeners()
  let link: RedisLink | null = null
  let loseLink: (error: unknown) => void = () => undefined
  let isSubscribed = false
  let pushes = 0
  let state: CacheState = { status: 'off', reason: `connecting to ${server}`, hint: null }
  let saidReason: string | null = null
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })

  /** Gives up waiting; what was asked for then comes to nothing. */
  const inTime = async <Result>(work: Promise<Result>, limitMs: number): Promise<Result> => {
    const done = new AbortController()
    const late = clock.sleep(limitMs, done.signal).then(() => {
      if (done.signal.aborted) return new Promise<never>(() => undefined)
      throw new Fault('timeout', `${server} does not answer within ${limitMs / 1_000} s`, { retry: true })
    })
    try {
      return await Promise.race([work, late])
    } finally {
      done.abort()
      // Whoever lost the race may still fail.
      void Promise.allSettled([work, late])
    }
  }
  /** Null when there is no connection, or it fails over this. */
  const ask = async <Result>(work: (link: RedisLink) => Promise<Result>): Promise<{ answer: Result } | null> => {
    const asked = link
    if (asked === null) return null
    try {
      return { answer: await inTime(work(asked), answerMs) }
    } catch (error) {
      if (link === asked) loseLink(error)
      return null
    }
  }
  const readBoard: Cache['readBoard'] = async () => {
    const found = await ask((current) => current.get(key))
    return found?.answer ? parseEntry(found.answer) : null
  }
  const deliver = (text: string): void => {
    const cached = parseEntry(text)
    pushes += 1
    if (cached !== null) listeners.deliver(cached)
  }
  /** What was published before, or while there was no connection, is read. */
  const listen = async (): Promise<void> => {
    if (listeners.size === 0) return
    if (!isSubscribed && link !== null) {
      isSubscribed = true
      await ask((current) => current.subscribe(channel, deliver))
    }
    const pushesBefore = pushes
    const cached = await readBoard()
    // A push that came meanwhile is newer.
    if (cached !== null && pushes === pushesBefore) listeners.deliver(cached)
  }
  const pacer = createPacer(clock, async (cached) => {
    const sent = await ask((current) => current.put(key, channel, formatEntry(cached), connection.ttlMs))
    return sent !== null
  })

  const sayOff = (fault: Fault): void => {
    state = { status: 'off', reason: fault.message, hint: fault.hint ?? null }
    if (saidReason === fault.message) return
    saidReason = fault.message
    logger.warn('boards are not shared: the cache is away', { reason: fault.message, hint: fault.hint ?? '' })
  }
  const sayOn = (): void => {
    state = { status: 'on' }
    if (saidReason !== null) logger.info('boards are shared again: the cache is back', { server })
    saidReason = null
  }
  /** Connects and holds the connection until it is lost or the cache closes; returns why it ended. */
  const holdLink = async (onConnected: () => void): Promise<unknown> => {
    const lost = new Promise<unknown>((resolve) => {
      loseLink = resolve
    })
    const connecting = connectToRedis(connection, loseLink)
    const failed = lost.then((why) => Promise.reject(why))
    try {
      link = await Promise.race([inTime(connecting, connectMs), failed])
    } catch (error) {
      connecting.then(
        (late) => late.destroy(),
        () => undefined,
      )
      return error
    }
    failed.catch(() => undefined)
    isSubscribed = false
    try {
      onConnected()
      sayOn()
      settle()
      pacer.wake()
      await listen()
      return await lost
    } finally {
      link.destroy()
      link = null
    }
  }
  const work = async (): Promise<void> => {
    let pauseMs = firstPauseMs
    while (!closing.signal.aborted) {
      const why = await holdLink(() => {
        pauseMs = firstPauseMs
      })
      if (closing.signal.aborted) return
      sayOff(toRedisFault(why, server))
      settle()
      await clock.sleep(pauseMs, closing.signal)
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
    }
  }
  const working = work()

  return {
    publishBoard(board, series) {
      if (!closing.signal.aborted) pacer.offer({ board, series, publishedAtMs: clock.nowMs() })
    },
    readBoard,
    subscribe(listener) {
      const undo = listeners.add(listener)
      void listen()
      return undo
    },
    get state() {
      return state
    },
    async settled() {
      await settled
      return state
    },
    async close() {
      closing.abort()
      pacer.close()
      loseLink(new Fault('cancelled', 'the cache is closed'))
      await working
      state = { status: 'off', reason: 'the cache is closed', hint: null }
      settle()
    },
  }
}
