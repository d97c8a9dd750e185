import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Alert } from '../../../core/protocol/board.ts'
import { createAlertNews } from '../../../electron/engine/alert-news.ts'
import { readOrder } from '../../../electron/engine/orders.ts'
import { backOffMs } from '../../../electron/main/back-off.ts'
import { grounds } from '../../../electron/main/grounds.ts'
import { openPageFiles } from '../../../electron/main/page-files.ts'
import { readStartRequest } from '../../../electron/main/start-request.ts'
import { isOnScreen, readWindowState, writeWindowState } from '../../../electron/main/window-state.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

function makePages(): string {
  const folder = makeTemporaryDirectory()
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<meta content="__STOREPULSE_CSP_NONCE__">')
  writeFileSync(join(folder, 'assets', 'a.js'), 'run()')
  writeFileSync(join(folder, '..', 'secret.js'), 'secret')
  return folder
}

it('answers a page with a nonce of this load, the same in page and policy', () => {
  const find = openPageFiles(makePages())
  const [first, second] = [find('/'), find('/index.html')]
  const nonceOf = (bytes: Buffer): string => /content="([^"]+)"/.exec(bytes.toString())?.[1] ?? ''
  expect(Buffer.from(nonceOf(first.bytes), 'base64')).toHaveLength(16)
  expect(first.headers['Content-Security-Policy']).toContain(`'nonce-${nonceOf(first.bytes)}'`)
  expect(nonceOf(second.bytes)).not.toBe(nonceOf(first.bytes))
})

it.each(['/../secret.js', '/assets/../../secret.js', '/assets', '/gone.js', '', '//', '/assets\\a.js'])(
  'has no file at %j',
  (path) => {
    const { bytes, headers, status } = openPageFiles(makePages())(path)
    expect([status, bytes.length]).toEqual([404, 0])
    expect(headers['Content-Security-Policy']).toContain("default-src 'none'")
  },
)

it('answers an asset as what it is', () => {
  expect(openPageFiles(makePages())('/assets/a.js')).toMatchObject({ status: 200, type: 'text/javascript' })
})

it('knows the grounds of the page', () => {
  const tokens = readFileSync(join(import.meta.dirname, '../../../renderer/tokens.css'), 'utf8')
  for (const [theme, ground] of Object.entries(grounds)) {
    expect(tokens.split(`:root[data-theme="${theme}"]`)[1]).toMatch(new RegExp(`^[^}]*--ground: ${ground};`))
  }
})

it('keeps how a window was left', () => {
  const file = join(makeTemporaryDirectory(), 'browser', 'window.json')
  const state = { theme: 'dark', isMaximized: true, bounds: { x: -8, y: 0, width: 1200, height: 800 } } as const
  writeWindowState(file, state)
  expect(readWindowState(file)).toEqual(state)
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20))
  expect(readWindowState(file)).toEqual({ theme: 'system', isMaximized: false, bounds: null })
  writeFileSync(file, '{"theme":"dark","isMaximized":false,"bounds":{"x":0,"y":0,"width":1,"height":1}}')
  expect(readWindowState(file).bounds).toBeNull()
})

it('knows a window that lies where no screen is any more', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }]
  expect(isOnScreen({ x: 100, y: 100, width: 800, height: 600 }, screens)).toBe(true)
  expect(isOnScreen({ x: 1850, y: 0, width: 800, height: 600 }, screens)).toBe(false)
  expect(isOnScreen({ x: 2000, y: 0, width: 800, height: 600 }, screens)).toBe(false)
})

it('waits longer before each start of the engine, but never for more than half a minute', () => {
  expect([0, 1, 2, 6, 60].map(backOffMs)).toEqual([500, 1_000, 2_000, 30_000, 30_000])
})

it('opens what the command asks for, and the usual things without it', () => {
  const home = { STOREPULSE_HOME: '/data' }
  expect(readStartRequest(home)).toEqual({ dataDirectory: '/data', profile: 'local', flags: [] })
  const start = JSON.stringify({ profile: 'demo', flags: ['generator.rate=1'] })
  expect(readStartRequest({ ...home, STOREPULSE_START: start })).toMatchObject({
    profile: 'demo',
    flags: ['generator.rate=1'],
  })
  expect(() => readStartRequest({ ...home, STOREPULSE_START: '{"profile":1}' })).toThrow('profile')
})

it('tells which alerts are new and which are over, but not those it begins with', () => {
  const startedAtMs = Date.UTC(2026, 0, 5)
  const alert = (id: string, afterMs = 5): Alert => {
    const since = new Date(startedAtMs + afterMs).toISOString()
    return { id, kind: 'fault', severity: 'warning', message: id, since }
  }
  const findNews = createAlertNews(startedAtMs)
  expect(findNews([alert('a')])).toEqual({ raised: [], resolved: [] })
  expect(findNews([alert('a'), alert('b')])).toEqual({ raised: [alert('b')], resolved: [] })
  expect(findNews([alert('b')])).toEqual({ raised: [], resolved: ['a'] })
  // Raised again after a restart: it was told when it began.
  expect(findNews([alert('b'), alert('c', -1)])).toEqual({ raised: [], resolved: [] })
})

it('takes orders, and nothing else', () => {
  const start = {
    dataDirectory: '/data',
    profile: 'local',
    flags: ['a=1'],
    version: '1',
    secrets: { 'kafka.sasl.password': 'x' },
    cannotKeepSecrets: null,
    isSwitched: true,
    failure: { profile: 'watch', message: 'kafka.brokers is missing', hint: null },
  }
  const previous = { reason: 'it did not answer', atMs: 5 }
  expect(readOrder({ kind: 'open', start: { ...start, previous } })).toEqual({
    kind: 'open',
    start: { ...start, previous },
  })
  for (const nonsense of [undefined, null, 'x', { reason: 'x' }, { reason: 1, atMs: 5 }]) {
    expect(readOrder({ kind: 'open', start: { ...start, previous: nonsense } })).toEqual({
      kind: 'open',
      start: { ...start, previous: null },
    })
  }
  expect(readOrder({ kind: 'open', start: { ...start, previous, secrets: 1, isSwitched: 1, failure: {} } })).toEqual({
    kind: 'open',
    start: { ...start, previous, secrets: {}, isSwitched: false, failure: null },
  })
  const recalled = { kind: 'recalled', id: 3, secrets: { a: 'b' }, refusal: null }
  expect(readOrder({ ...recalled, secrets: { a: 'b', c: 1 } })).toEqual(recalled)
  expect(readOrder({ kind: 'kept', id: 3, refusal: 'no' })).toEqual({ kind: 'kept', id: 3, refusal: 'no' })
  expect(readOrder({ kind: 'kept', id: 'x' })).toBeNull()
  const page = { name: 'page', processId: 7, rssBytes: 100, cpuPercent: 1.5 }
  const processes = [page, null, { ...page, name: 1 }, { ...page, rssBytes: '1' }]
  expect(readOrder({ kind: 'processes', processes })).toEqual({ kind: 'processes', processes: [page] })
  expect(readOrder({ kind: 'processes' })).toEqual({ kind: 'processes', processes: [] })
  expect(readOrder({ kind: 'ping', more: 1 })).toEqual({ kind: 'ping' })
  for (const none of [null, 'ping', {}, { kind: 'open' }, { kind: 'open', start: { ...start, flags: 'a' } }]) {
    expect(readOrder(none)).toBeNull()
  }
})
