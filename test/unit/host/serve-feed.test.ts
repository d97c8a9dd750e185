import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { mayRun } from '../../../core/host/roles.ts'
import { openFeed } from '../../support/feed-client.ts'
import { canary, fromOwnPage, servePages } from '../../support/served-pages.ts'

it('answers requests and pushes boards', async () => {
  const { port, signIn } = await servePages()
  const feed = await openFeed(port, await signIn('view'))
  const answer = await feed.run('query', { sql: 'SELECT 1' })
  expect(answer).toMatchObject({ kind: 'response', result: { rows: [['SELECT 1', canary]] } })
  feed.send({ kind: 'subscribe', feed: 'board' })
  expect(await feed.next()).toMatchObject({ kind: 'feed', feed: 'board', value: { profile: canary } })
  expect(await feed.next()).toMatchObject({ kind: 'feed' })
})

it('leaves a feed silent that this host does not push', async () => {
  const { port, signIn } = await servePages()
  const feed = await openFeed(port, await signIn('view'))
  for (const name of ['recent', 'backfill']) {
    feed.socket.send(JSON.stringify({ kind: 'subscribe', feed: name }))
    feed.socket.send(JSON.stringify({ kind: 'unsubscribe', feed: name }))
  }
  expect(await feed.run('hello')).toMatchObject({ kind: 'response' })
})

it.each(['view', 'operate'] as const)('tells a page that its sign-in has the role %s', async (role) => {
  const { port, signIn } = await servePages()
  const feed = await openFeed(port, await signIn(role))
  expect(await feed.run('hello')).toMatchObject({ kind: 'response', result: { command: canary, role } })
})

it('passes on why a request failed', async () => {
  const { port, signIn } = await servePages()
  const feed = await openFeed(port, await signIn())
  expect(await feed.run('query', { sql: 1 })).toMatchObject({ kind: 'failure', fault: { code: 'usage' } })
  expect(await feed.run('showQuarantined', { ref: 'a/0/0' })).toMatchObject({
    kind: 'failure',
    fault: { code: 'not-found' },
  })
})

const writing: readonly (readonly [string, unknown])[] = [
  ['append', { records: [] }],
  ['sync', {}],
  ['readmit', { refs: [], from: 'late' }],
  ['purgeQuarantine', { refs: null }],
  ['saveSettings', { values: {} }],
]

it('runs nothing that writes for who may only look', async () => {
  const { port, ran, signIn } = await servePages()
  const feed = await openFeed(port, await signIn('view'))
  for (const [command, payload] of [...writing, ['mintLink', { role: 'operate' }] as const]) {
    const answer = await feed.run(command, payload)
    expect(answer).toMatchObject({ kind: 'failure', fault: { code: 'refused' } })
    expect(JSON.stringify(answer)).not.toContain(canary)
  }
  expect(ran).toEqual([])
})

it('runs what writes for who operates, and makes links for nobody', async () => {
  const { port, ran, signIn } = await servePages()
  const feed = await openFeed(port, await signIn('operate'))
  for (const [command, payload] of writing.slice(0, 4)) {
    expect(await feed.run(command, payload)).toMatchObject({ kind: 'response' })
  }
  expect(await feed.run('mintLink', { role: 'view' })).toMatchObject({ kind: 'failure', fault: { code: 'refused' } })
  expect(ran).toEqual(['append', 'sync', 'readmit', 'purgeQuarantine'])
})

it('has no role for what is no command', () => {
  for (const name of ['constructor', '__proto__', 'toString', '', 'Query', 'nothing']) {
    expect([name, mayRun('operate', name)]).toEqual([name, false])
  }
  expect([mayRun('view', 'status'), mayRun('view', 'append'), mayRun('operate', 'append')]).toEqual([true, false, true])
})

it('cancels a request when told to, and all when the page goes', async () => {
  const { port, ran, signIn } = await servePages()
  const feed = await openFeed(port, await signIn())
  const answer = feed.run('query', { sql: 'wait' })
  feed.send({ kind: 'cancel', id: 1 })
  expect(await answer).toMatchObject({ kind: 'failure', fault: { code: 'cancelled' } })
  void feed.run('query', { sql: 'wait' })
  void feed.run('query', { sql: 'wait' })
  await feed.run('hello')
  feed.socket.terminate()
  await expect.poll(() => ran).toEqual(['query', 'cancelled', 'query', 'query', 'hello', 'cancelled', 'cancelled'])
})

it.each([
  ['no JSON', '{'],
  ['JSON that is no message', '[]'],
  ['a message that is not for the host', '{"kind":"feed","feed":"board","value":1}'],
  ['a feed that is none', '{"kind":"subscribe","feed":"__proto__"}'],
  ['a request without a number', '{"kind":"request","id":"1","command":"hello","payload":{}}'],
])('cuts off who sends %s', async (_what, text) => {
  const { port, ran, signIn } = await servePages()
  const feed = await openFeed(port, await signIn())
  feed.socket.send(text)
  expect(await feed.closed).toBe(1008)
  expect(ran).toEqual([])
})

it('cuts off who sends bytes, and who sends too much', async () => {
  const { port, signIn } = await servePages({ limits: { messageBytes: 1_000 } })
  const cookie = await signIn()
  const bytes = await openFeed(port, cookie)
  bytes.socket.send(Buffer.from('{}'))
  expect(await bytes.closed).toBe(1003)
  const long = await openFeed(port, cookie)
  long.socket.send('a'.repeat(1_001))
  expect(await long.closed).toBe(1009)
})

it('takes a bounded number of requests at once', async () => {
  const { port, ran, signIn } = await servePages({ limits: { requestsInFlight: 3 } })
  const feed = await openFeed(port, await signIn())
  const waiting = [1, 2, 3].map(() => feed.run('query', { sql: 'wait' }))
  expect(await feed.run('hello')).toMatchObject({ kind: 'failure', fault: { code: 'refused' } })
  feed.send({ kind: 'cancel', id: 1 })
  await waiting[0]
  expect(await feed.run('hello')).toMatchObject({ kind: 'response' })
  expect(ran).toEqual(['query', 'query', 'query', 'cancelled', 'hello'])
})

it('opens a bounded number of feeds for a session', async () => {
  const { port, signIn } = await servePages({ limits: { feedsPerSession: 2 } })
  const cookie = await signIn()
  const first = await openFeed(port, cookie)
  await openFeed(port, cookie)
  await expect(openFeed(port, cookie)).rejects.toThrow('429')
  await openFeed(port, await signIn())
  first.socket.close()
  await first.closed
  await expect.poll(() => openFeed(port, cookie).catch(() => null)).not.toBeNull()
})

it('lets go of who does not answer a ping, and keeps who does', async () => {
  const { port, signIn } = await servePages({ limits: { heartbeatMs: 100 } })
  const cookie = await signIn()
  const alive = await openFeed(port, cookie)
  const gone = connect(port, '127.0.0.1')
  onTestFinished(() => void gone.destroy())
  const own = Object.entries({ Cookie: cookie, ...fromOwnPage(port) }).map(([name, value]) => `${name}: ${value}\r\n`)
  gone.write(
    `GET /feed HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${own.join('')}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  gone.on('data', () => undefined)
  await new Promise((resolve) => {
    gone.once('close', resolve)
  })
  expect(await alive.run('hello')).toMatchObject({ kind: 'response' })
})

it('lets go of who asks for much and takes nothing', async () => {
  const { port, signIn } = await servePages({ limits: { pendingBytes: 100_000, messageBytes: 1_000_000 } })
  const feed = await openFeed(port, await signIn())
  feed.socket.pause()
  const sql = 'x'.repeat(900_000)
  const send = (): void => feed.send({ kind: 'request', id: 7, command: 'query', payload: { sql } })
  for (let round = 0; round < 30; round += 1) send()
  await new Promise((resolve) => setTimeout(resolve, 300))
  feed.socket.resume()
  expect(await feed.closed).toBe(1006)
})

it('ends a feed when its session does', async () => {
  let passedMs = 0
  const clock = { ...systemClock, nowMs: () => 1_750_000_000_000 + passedMs }
  const { port, ran, signIn } = await servePages({ clock, limits: { heartbeatMs: 50 } })
  const cookie = await signIn()
  const [silent, asking] = [await openFeed(port, cookie), await openFeed(port, cookie)]
  passedMs = 30 * 86_400_000
  asking.send({ kind: 'request', id: 1, command: 'hello', payload: {} })
  expect(await Promise.all([silent.closed, asking.closed])).toEqual([4401, 4401])
  expect(ran).toEqual([])
})

it('says goodbye when the server stops', async () => {
  const { close, port, signIn } = await servePages()
  const feed = await openFeed(port, await signIn())
  await close()
  expect(await feed.closed).toBe(1001)
})
