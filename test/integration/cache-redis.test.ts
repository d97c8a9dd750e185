import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RedisConnection } from '../../core/base/connections.ts'
import { systemClock } from '../../core/base/clock.ts'
import { type Logger, silentLogger } from '../../core/base/logger.ts'
import type { Cache } from '../../core/cache/cache.ts'
import { openRedisCache } from '../../core/cache/redis/redis-cache.ts'
import { promiseCache } from '../contract/cache.promises.ts'
import { startProxy } from '../support/services/proxy.ts'
import { startRedis } from '../support/services/redis.ts'
import { startRedisCluster } from '../support/services/redis-cluster.ts'
import { describeWithServices, useRedis } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** On a machine that does much else. */
const patience = { timeout: 30_000, interval: 50 }

const connectTo = (url: string, changes: Partial<RedisConnection> = {}): RedisConnection => ({
  url,
  clusterUrls: [],
  prefix: `test-${randomUUID()}:`,
  ttlMs: 30_000,
  tls: null,
  ...changes,
})

function open(connection: RedisConnection, logger: Logger = silentLogger): Cache {
  const cache = openRedisCache(connection, { clock: systemClock, logger })
  onTestFinished(() => cache.close())
  return cache
}

function createListeningLogger() {
  const said: string[] = []
  const logger: Logger = {
    ...silentLogger,
    warn: (message) => said.push(`warn ${message}`),
    info: (message) => said.push(`info ${message}`),
  }
  return { said, logger }
}

const waitForState = (cache: Cache, status: 'on' | 'off') =>
  vi.waitFor(() => expect(cache.state.status).toBe(status), patience)

/** Publishes until the watcher has it. */
async function expectWorking(publisher: Cache, watcher: Cache, text: string): Promise<void> {
  publisher.publishBoard(text, '[]')
  await vi.waitFor(async () => expect((await watcher.readBoard())?.board).toBe(text), patience)
}

describeWithServices('a cache on Redis', ['redis'], () => {
  promiseCache('redis', async (count, { ttlMs = 30_000 } = {}) => {
    const connection = connectTo((await useRedis()).url, { ttlMs })
    const caches = Array.from({ length: count }, () => open(connection))
    for (const cache of caches) await cache.settled()
    return caches
  })

  it('keeps apart what has different prefixes', async () => {
    const { url } = await useRedis()
    const [one, other] = [open(connectTo(url)), open(connectTo(url))]
    await expectWorking(one, one, '1')
    expect(await other.readBoard()).toBeNull()
  })

  it('comes back by itself when the server was restarted, and says each once', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const connection = connectTo(redis.url)
    const { logger, said } = createListeningLogger()
    const [publisher, watcher] = [open(connection, logger), open(connection)]
    const seen: string[] = []
    watcher.subscribe(({ board }) => seen.push(board))
    await expectWorking(publisher, watcher, 'before')
    await redis.halt()
    await waitForState(publisher, 'off')
    await waitForState(watcher, 'off')
    publisher.publishBoard('while it was away', '[]')
    expect(await watcher.readBoard()).toBeNull()
    await vi.waitFor(() => {
      expect(publisher.state).toMatchObject({ reason: expect.stringContaining('nobody listens at Redis') })
    }, patience)
    await redis.start()
    await waitForState(publisher, 'on')
    await waitForState(watcher, 'on')
    await expectWorking(publisher, watcher, 'after')
    await vi.waitFor(() => expect(seen.at(-1)).toBe('after'), patience)
    expect(seen[0]).toBe('before')
    expect(said.filter((line) => line.startsWith('info'))).toHaveLength(1)
    expect(new Set(said).size).toBeLessThanOrEqual(2)
    expect(said.length).toBeLessThanOrEqual(4)
  })

  it('never makes anyone wait for a server that does not answer', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const connection = connectTo(redis.url)
    const [publisher, watcher] = [open(connection), open(connection)]
    await expectWorking(publisher, watcher, 'before')
    redis.pause()
    const startedMs = performance.now()
    for (let number = 0; number < 1_000; number += 1) publisher.publishBoard(`${number}`, 'x'.repeat(10_000))
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(await watcher.readBoard()).toBeNull()
    expect(watcher.state).toMatchObject({ status: 'off', reason: expect.stringContaining('does not answer') })
    await waitForState(publisher, 'off')
    redis.resume()
    await waitForState(publisher, 'on')
    await vi.waitFor(async () => expect((await watcher.readBoard())?.board).toBe('999'), patience)
  })

  it('notices a connection that died without a word', async () => {
    const { host, port } = await useRedis()
    const proxy = await startProxy({ host, port })
    onTestFinished(() => proxy.stop())
    const direct = connectTo(`redis://${host}:${port}`)
    const [publisher, watcher] = [open(direct), open({ ...direct, url: `redis://127.0.0.1:${proxy.port}` })]
    const seen: string[] = []
    watcher.subscribe(({ board }) => seen.push(board))
    await expectWorking(publisher, watcher, 'before')
    proxy.freeze()
    await waitForState(watcher, 'off')
    await expectWorking(publisher, publisher, 'meanwhile')
    proxy.cut()
    proxy.thaw()
    await waitForState(watcher, 'on')
    await vi.waitFor(() => expect(seen.at(-1)).toBe('meanwhile'), patience)
  })

  it('works over a slow network', async () => {
    const { host, port } = await useRedis()
    const proxy = await startProxy({ host, port })
    onTestFinished(() => proxy.stop())
    proxy.setLatency(150)
    const connection = connectTo(`redis://127.0.0.1:${proxy.port}`)
    const [publisher, watcher] = [open(connection), open(connection)]
    await expectWorking(publisher, watcher, 'slow')
  })
})

describeWithServices('a cache on a Redis that wants to know who comes', ['redis'], () => {
  it('says what is wrong with the password, and works as soon as it is right', async () => {
    const redis = await startRedis({ password: 'open sesame' })
    onTestFinished(() => redis.stop())
    const at = `${redis.host}:${redis.port}`
    const without = await open(connectTo(`redis://${at}`)).settled()
    expect(without).toMatchObject({ status: 'off', reason: `Redis at ${at} wants a password` })
    const { logger, said } = createListeningLogger()
    const wrong = open(connectTo(`redis://:secret-guess@${at}`), logger)
    expect(await wrong.settled()).toEqual({
      status: 'off',
      reason: `Redis at ${at} refuses the user or the password`,
      hint: 'check the user and the password in redis.url',
    })
    expect(said).toHaveLength(1)
    const connection = connectTo(`redis://:open%20sesame@${at}`)
    await expectWorking(open(connection), open(connection), 'in')
  })

  it('works for a user with the rights of a cache, and names what one with fewer lacks', async () => {
    const connection = connectTo('redis://unused')
    const rights = `~${connection.prefix}* &${connection.prefix}* +get +set +publish +subscribe +ping +hello`
    const aclfile = join(makeTemporaryDirectory(), 'users.acl')
    writeFileSync(aclfile, `user default off\nuser board on >pass ${rights}\n`)
    const redis = await startRedis({ settings: { aclfile } })
    onTestFinished(() => redis.stop())
    const url = `redis://board:pass@${redis.host}:${redis.port}`
    await expectWorking(open({ ...connection, url }), open({ ...connection, url }), 'allowed')
    const elsewhere = open(connectTo(url))
    await elsewhere.settled()
    expect(await elsewhere.readBoard()).toBeNull()
    await vi.waitFor(() => {
      expect(elsewhere.state).toMatchObject({ reason: expect.stringContaining('does not allow the user') })
    }, patience)
  })

  it('speaks TLS, and says what is wrong with it', async () => {
    const redis = await startRedis({ tls: true })
    onTestFinished(() => redis.stop())
    const tls = { ca: redis.ca, cert: null, key: null, verifiesHost: true }
    const connection = connectTo(redis.url, { tls })
    await expectWorking(open(connection), open(connection), 'sealed')
    const stranger = await open({ ...connection, tls: { ...tls, ca: null } }).settled()
    expect(stranger).toMatchObject({ status: 'off', hint: 'name its authority in redis.ssl.ca' })
    const plain = await open(connectTo(redis.url.replace('rediss', 'redis'))).settled()
    expect(plain).toMatchObject({ status: 'off', hint: expect.stringContaining('rediss://') })
    const { host, port } = await useRedis()
    const untold = await open(connectTo(`rediss://${host}:${port}`, { tls })).settled()
    expect(untold).toMatchObject({ status: 'off', hint: expect.stringContaining('speaks no TLS, use redis://') })
  })
})

describeWithServices('a cache on a Redis cluster', ['redis'], () => {
  describe('with all its nodes', () => {
    it('shares boards through any of them, and says so when the setting is missing', async () => {
      const cluster = await startRedisCluster()
      onTestFinished(() => cluster.stop())
      const connection = connectTo(cluster.urls[0] ?? '', { clusterUrls: cluster.urls.slice(0, 1) })
      const last = cluster.urls.at(-1) ?? ''
      const [publisher, watcher] = [open(connection), open({ ...connection, url: last, clusterUrls: [last] })]
      const seen: string[] = []
      watcher.subscribe(({ board }) => seen.push(board))
      await publisher.settled()
      await watcher.settled()
      await expectWorking(publisher, watcher, 'over the slots')
      await vi.waitFor(() => expect(seen).toEqual(['over the slots']), patience)
      const states = cluster.urls.map(async (url) => {
        const single = open({ ...connection, url, clusterUrls: [] })
        await single.settled()
        await single.readBoard()
        return single.state
      })
      expect(await Promise.all(states)).toContainEqual(
        expect.objectContaining({ hint: expect.stringContaining('redis.cluster') }),
      )
      await cluster.restart()
      await waitForState(publisher, 'on')
      await waitForState(watcher, 'on')
      await expectWorking(publisher, watcher, 'after all went')
      await vi.waitFor(() => expect(seen.at(-1)).toBe('after all went'), patience)
    })
  })

  it('says so when the server is no cluster', async () => {
    const { url } = await useRedis()
    expect(await open(connectTo(url, { clusterUrls: [url] })).settled()).toMatchObject({
      status: 'off',
      reason: expect.stringContaining('is no cluster'),
    })
  })
})
