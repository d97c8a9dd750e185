import { expect, it } from 'vitest'
import { type Client, createClient } from '../../../renderer/bridge/client.ts'
import { createFakeHost, type FakeHost } from '../../support/page/fake-host.ts'
import { createManualTimers, type ManualTimers } from '../../support/page/manual-timers.ts'
import { makeBoard } from '../../support/page/boards.ts'

function connect(): { readonly client: Client; readonly host: FakeHost; readonly timers: ManualTimers } {
  const host = createFakeHost()
  const timers = createManualTimers()
  const client = createClient(host.openTransport, timers)
  client.start()
  host.accept()
  return { client, host, timers }
}

it('answers each request by its id, in whatever order the answers come', async () => {
  const { client, host } = connect()
  const first = client.request('hello', {})
  const second = client.request('status', {})
  const board = makeBoard(0)
  host.answer('status', board)
  host.answer('hello', { processId: 7 })
  expect(await second).toBe(board)
  expect(await first).toEqual({ processId: 7 })
})

it('fails a request with the message and hint of the host', async () => {
  const { client, host } = connect()
  const asked = client.request('hello', {})
  host.send({
    kind: 'failure',
    id: 1,
    fault: { code: 'x', message: 'the disk is full', hint: 'free some', retry: false },
  })
  await expect(asked).rejects.toMatchObject({ message: 'the disk is full', hint: 'free some', code: 'x' })
})

it('keeps a request made without a connection for the next one', async () => {
  const host = createFakeHost()
  const client = createClient(host.openTransport, createManualTimers())
  const asked = client.request('hello', {})
  expect(host.heard).toEqual([])
  client.start()
  host.accept()
  host.answer('hello', { processId: 7 })
  expect(await asked).toEqual({ processId: 7 })
})

it('fails what was sent on a lost connection, and never sends it twice', async () => {
  const { client, host, timers } = connect()
  const asked = client.request('purgeQuarantine', { refs: null })
  host.end()
  await expect(asked).rejects.toMatchObject({ code: 'disconnected', retry: true })
  timers.pass(20_000)
  host.accept()
  expect(host.idsOf('purgeQuarantine')).toHaveLength(1)
})

it('cancels an aborted request, and drops an answer that comes later', async () => {
  const { client, host } = connect()
  const abort = new AbortController()
  const asked = client.request('hello', {}, abort.signal)
  abort.abort(new Error('no longer wanted'))
  await expect(asked).rejects.toThrow('no longer wanted')
  expect(host.heard.at(-1)).toEqual({ kind: 'cancel', id: 1 })
  host.send({ kind: 'response', id: 1, result: {} })
})

it('does not send a request that was aborted before', async () => {
  const { client, host } = connect()
  await expect(client.request('hello', {}, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  expect(host.heard).toEqual([])
})

it('tries again after longer and longer waits, ten seconds at most', () => {
  const { host, timers } = connect()
  host.end()
  for (const waitMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const before = host.tries()
    timers.pass(waitMs - 1)
    expect(host.tries()).toBe(before)
    timers.pass(1)
    expect(host.tries()).toBe(before + 1)
    host.end()
  }
})

it('starts with the shortest wait again once a message has come', () => {
  const { host, timers } = connect()
  host.end()
  timers.pass(250)
  host.end()
  timers.pass(500)
  host.accept()
  host.send({ kind: 'feed', feed: 'board', value: makeBoard(0) })
  host.end()
  const before = host.tries()
  timers.pass(250)
  expect(host.tries()).toBe(before + 1)
})

it('subscribes its feeds anew on every connection, each once', () => {
  const { client, host, timers } = connect()
  client.subscribe('board', () => undefined)
  client.subscribe('board', () => undefined)
  host.end()
  timers.pass(250)
  host.accept()
  expect(host.heard.filter(({ kind }) => kind === 'subscribe')).toHaveLength(2)
})

it('unsubscribes with the last listener', () => {
  const { client, host } = connect()
  const undo = [client.subscribe('board', () => undefined), client.subscribe('board', () => undefined)]
  undo[0]?.()
  expect(host.heard.at(-1)).toMatchObject({ kind: 'subscribe' })
  undo[1]?.()
  undo[1]?.()
  expect(host.heard.filter(({ kind }) => kind === 'unsubscribe')).toHaveLength(1)
})

it('hands values to the listeners of their feed alone', () => {
  const { client, host } = connect()
  const seen: unknown[] = []
  client.subscribe('backfill', (value) => seen.push(value))
  host.send({ kind: 'feed', feed: 'board', value: makeBoard(0) })
  host.send({ kind: 'feed', feed: 'backfill', value: null })
  expect(seen).toEqual([null])
})

it('gives up a connection that is open and silent, and opens another', () => {
  const { client, host, timers } = connect()
  client.subscribe('board', () => undefined)
  timers.pass(15_000)
  expect(host.closed()).toBe(1)
  expect(client.status().kind).toBe('waiting')
  timers.pass(250)
  expect(host.tries()).toBe(2)
})

it('gives up a connection that does not open', () => {
  const host = createFakeHost()
  const timers = createManualTimers()
  createClient(host.openTransport, timers).start()
  timers.pass(10_250)
  expect(host.closed()).toBe(1)
  expect(host.tries()).toBe(2)
})

it('waits for the viewer once it is signed out', () => {
  const { client, host, timers } = connect()
  host.end('signed-out')
  timers.pass(60_000)
  expect(host.tries()).toBe(1)
  expect(client.status()).toEqual({ kind: 'signed-out' })
  client.retryNow()
  host.accept()
  expect(client.status()).toEqual({ kind: 'open' })
})

it('says when it tries again, and tries at once when asked to', () => {
  const { client, host, timers } = connect()
  timers.pass(100)
  host.end()
  expect(client.status()).toEqual({ kind: 'waiting', retryAtMs: 350 })
  client.retryNow()
  expect(host.tries()).toBe(2)
  timers.pass(250)
  expect(host.tries()).toBe(2)
})

it.each([null, 'text', 7, {}, { kind: 'feed', feed: 'elsewhere' }, { kind: 'response' }, { kind: 'news', id: 1 }])(
  'passes over %j, which is no message',
  (message) => {
    const { client, host } = connect()
    client.subscribe('board', () => expect.unreachable())
    host.send(message as never)
    expect(client.status().kind).toBe('open')
  },
)

it('ends everything under way when it stops', async () => {
  const { client, host, timers } = connect()
  const asked = client.request('hello', {})
  client.stop()
  await expect(asked).rejects.toMatchObject({ code: 'stopped' })
  timers.pass(60_000)
  expect(host.tries()).toBe(1)
})
