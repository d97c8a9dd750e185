import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { createRateLimit } from '../../../core/host/serve/rate-limit.ts'
import { createManualClock } from '../../support/clock.ts'
import { ask, askRaw } from '../../support/http-client.ts'
import { canary, fromOwnPage, redeem, servePages, tokenOf } from '../../support/served-pages.ts'

const noToken = 'A'.repeat(43)

/** Opens a connection and says nothing. */
function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

const untilClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', () => undefined)
    socket.once('close', () => resolve())
  })

it('ends who sends headers byte by byte, and serves others meanwhile', async () => {
  const { port } = await servePages({ limits: { headersMs: 300, checkMs: 50 } })
  const letters = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: ${'a'.repeat(400)}`.split('')
  const slow = Array.from({ length: 40 }, () => askRaw(port, letters, 20))
  expect((await ask(port, '/healthz')).status).toBe(200)
  for (const { elapsedMs, text } of await Promise.all(slow)) {
    expect(elapsedMs).toBeLessThan(3_000)
    expect(text).toMatch(/^(HTTP\/1\.1 408 .*\r\n\r\n)?$/s)
    expect(text).not.toContain(canary)
  }
})

it('ends who sends a body byte by byte', async () => {
  const { port } = await servePages({ limits: { requestMs: 300, headersMs: 300, checkMs: 50 } })
  const own = Object.entries(fromOwnPage(port)).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST /session HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${own.join('')}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n`
  const { elapsedMs, text } = await askRaw(port, [head, ...'{"token":"'.repeat(10).split('')], 30)
  expect(elapsedMs).toBeLessThan(3_000)
  expect(text).toMatch(/^(HTTP\/1\.1 4\d\d .*\r\n\r\n)?$/s)
})

it('ends who says nothing at all', async () => {
  const { port } = await servePages({ limits: { headersMs: 200, checkMs: 50 } })
  const startedMs = performance.now()
  await untilClosed(await openSocket(port))
  expect(performance.now() - startedMs).toBeLessThan(3_000)
})

it('ends a connection that asks for nothing more', async () => {
  const { port } = await servePages({ limits: { idleMs: 200 } })
  const { elapsedMs, text } = await askRaw(port, [`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`])
  expect(text).toContain('{"status":"ok"}')
  // Node.js grants a second more than it tells the other side.
  expect(elapsedMs).toBeLessThan(2_500)
})

it('reads no more than 16 KiB of headers', async () => {
  const { port } = await servePages()
  const answer = await ask(port, '/', { headers: { 'X-Long': 'a'.repeat(17_000) } })
  expect([answer.status, answer.body]).toEqual([431, ''])
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
  expect((await ask(port, `/${'a'.repeat(17_000)}`)).status).toBe(431)
  expect((await ask(port, '/healthz', { headers: { 'X-Long': 'a'.repeat(12_000) } })).status).toBe(200)
})

it('reads no more than 16 KiB of a body, announced or not', async () => {
  const { mintLink, port } = await servePages()
  const token = tokenOf(await mintLink('view'))
  const body = JSON.stringify({ token, padding: 'a'.repeat(16_385) })
  const headers = { ...fromOwnPage(port), 'Content-Type': 'application/json' }
  const announced = await ask(port, '/session', { method: 'POST', headers, body })
  const chunked = await ask(port, '/session', {
    method: 'POST',
    headers: { ...headers, 'Transfer-Encoding': 'chunked' },
    body,
  })
  for (const { body: content, headers: answered, status } of [announced, chunked]) {
    expect([status, content, answered.connection]).toEqual([413, '', 'close'])
  }
  expect((await redeem(port, token)).status).toBe(204)
})

it('takes a bounded number of connections', async () => {
  const { port } = await servePages({ limits: { connections: 5, headersMs: 1_000, checkMs: 50 } })
  const first = await Promise.all(Array.from({ length: 5 }, () => openSocket(port)))
  const ends: string[] = []
  const watched = first.map((socket) => untilClosed(socket).then(() => ends.push('first')))
  await new Promise((resolve) => setTimeout(resolve, 300))
  await untilClosed(await openSocket(port)).then(() => ends.push('one too many'))
  expect(ends).toEqual(['one too many'])
  await Promise.all(watched)
  expect((await ask(port, '/healthz')).status).toBe(200)
})

it('lets who fails to sign in too often wait, and nobody who succeeds', async () => {
  let passedMs = 0
  const clock = { ...systemClock, monotonicMs: () => passedMs }
  const { mintLink, port } = await servePages({ clock, limits: { signIns: 3, signInPauseMs: 1_000 } })
  for (let round = 0; round < 5; round += 1) {
    expect((await redeem(port, tokenOf(await mintLink('view')))).status).toBe(204)
  }
  const statuses: number[] = []
  for (let round = 0; round < 5; round += 1) statuses.push((await redeem(port, noToken)).status)
  expect(statuses).toEqual([401, 401, 401, 429, 429])
  const token = tokenOf(await mintLink('view'))
  expect((await redeem(port, token)).status).toBe(429)
  passedMs = 1_000
  expect((await redeem(port, token)).status).toBe(204)
})

it('counts tries by address, and forgets them with time', () => {
  const clock = createManualClock(0)
  const limit = createRateLimit(clock, 2, 1_000)
  expect([limit.tryOnce('a'), limit.tryOnce('a'), limit.tryOnce('a'), limit.tryOnce('b')]).toEqual([
    true,
    true,
    false,
    true,
  ])
  clock.advance(999)
  expect(limit.tryOnce('a')).toBe(false)
  clock.advance(1)
  expect([limit.tryOnce('a'), limit.tryOnce('a')]).toEqual([true, false])
  clock.advance(1_000_000)
  expect([limit.tryOnce('a'), limit.tryOnce('a'), limit.tryOnce('a')]).toEqual([true, true, false])
})
