import type { RedisConnection } from '../../base/connections.ts'
import type * as Redis from 'redis'

/** One connection, or those to a cluster. It does not mend itself: who has it makes a new one. */
export interface RedisLink {
  get(key: string): Promise<string | null>
  /** Writes for `ttlMs` and tells who listens to the channel. */
  put(key: string, channel: string, text: string, ttlMs: number): Promise<void>
  subscribe(channel: string, listener: (text: string) => void): Promise<void>
  /** Ends it without waiting for anything. */
  destroy(): void
}

const connectTimeoutMs = 5_000
/** A connection over which nothing came for so long is dead; a healthy one has its pings. */
const silenceMs = 8_000
const pingMs = 2_500
/** Commands waiting for an answer; one that is published is dropped beyond it. */
const longestQueue = 100

function describeSocket(connection: RedisConnection) {
  const { tls } = connection
  const base = { connectTimeout: connectTimeoutMs, socketTimeout: silenceMs, reconnectStrategy: false as const }
  if (tls === null) return base
  return {
    ...base,
    tls: true as const,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key }),
    ...(tls.verifiesHost ? {} : { checkServerIdentity: () => undefined }),
  }
}

const behaviour = {
  disableOfflineQueue: true,
  disableClientInfo: true,
  commandsQueueMaxLength: longestQueue,
  pingInterval: pingMs,
  maintNotifications: 'disabled',
} as const

const decode = (text: string): string => decodeURIComponent(text)

/** Connections to nodes a cluster names get nothing from the URL they were found by. */
function readCredentials(url: string): { readonly username?: string; readonly password?: string } {
  const { password, username } = new URL(url)
  return {
    ...(username === '' ? {} : { username: decode(username) }),
    ...(password === '' ? {} : { password: decode(password) }),
  }
}

type OnLost = (error: unknown) => void

async function connectToServer(redis: typeof Redis, connection: RedisConnection, onLost: OnLost): Promise<RedisLink> {
  const client = redis.createClient({ ...behaviour, url: connection.url, socket: describeSocket(connection) })
  client.on('error', onLost)
  client.on('end', () => onLost(new Error('Socket closed unexpectedly')))
  try {
    await client.connect()
  } catch (error) {
    if (client.isOpen) client.destroy()
    throw error
  }
  return {
    get: (key) => client.get(key),
    async put(key, channel, text, ttlMs) {
      await Promise.all([client.set(key, text, { PX: ttlMs }), client.publish(channel, text)])
    },
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    destroy() {
      if (client.isOpen) client.destroy()
    },
  }
}

async function connectToCluster(redis: typeof Redis, connection: RedisConnection, onLost: OnLost): Promise<RedisLink> {
  const defaults = { ...behaviour, ...readCredentials(connection.url), socket: describeSocket(connection) }
  const cluster = redis.createCluster({
    rootNodes: connection.clusterUrls.map((url) => ({ ...defaults, url })),
    defaults,
  })
  cluster.on('error', onLost)
  cluster.on('node-error', onLost)
  cluster.on('node-disconnect', () => onLost(new Error('Socket closed unexpectedly')))
  try {
    await cluster.connect()
  } catch (error) {
    cluster.destroy()
    throw error
  }
  return {
    get: (key) => cluster.get(key),
    async put(key, channel, text, ttlMs) {
      await Promise.all([cluster.set(key, text, { PX: ttlMs }), cluster.publish(channel, text)])
    },
    subscribe: (channel, listener) => cluster.subscribe(channel, listener),
    destroy() {
      if (cluster.isOpen) cluster.destroy()
    },
  }
}

/**
 * Connects once.
 *
 * @param onLost called, any number of times, when the connection has come to its end
 */
export async function connectToRedis(connection: RedisConnection, onLost: OnLost): Promise<RedisLink> {
  // Who has no cache does without its half a megabyte.
  const redis = await import('redis')
  const connect = connection.clusterUrls.length > 0 ? connectToCluster : connectToServer
  return await connect(redis, connection, onLost)
}
