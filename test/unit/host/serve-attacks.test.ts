import { randomBytes } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { type Answer, ask, askRaw } from '../../support/http-client.ts'
import {
  canary,
  fromOwnPage,
  makeRenderer,
  redeem,
  servePages,
  type TestPages,
  tokenOf,
} from '../../support/served-pages.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
}
const json = { 'Content-Type': 'application/json' }

/** Every refusal: no content, no other origin may read it, and the pages' rules are on it. */
function expectNothing({ body, headers }: Answer): void {
  expect(body).toBe('')
  expect(headers['content-security-policy']).toContain("default-src 'none'")
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['cross-origin-resource-policy']).toBe('same-origin')
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(headers['set-cookie']).toBeUndefined()
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
}

it.each([
  ['a name that was made to resolve here', 'rebound.example.com'],
  ['a name that was made to resolve here, with our port', (port: number) => `rebound.example.com:${port}`],
  ['a name that begins like ours', (port: number) => `localhost.example.com:${port}`],
  ['our name with another port', (port: number) => `127.0.0.1:${port + 1}`],
  ['our name without a port', '127.0.0.1'],
  ['our name with a user', (port: number) => `x@127.0.0.1:${port}`],
  ['our name with a dot at its end', (port: number) => `localhost.:${port}`],
  ['another spelling of our address', (port: number) => `2130706433:${port}`],
  ['the address that means any', (port: number) => `0.0.0.0:${port}`],
  ['no name', ''],
])('refuses a Host that is %s, signed in or not', async (_what, host) => {
  const { port, signIn } = await servePages()
  const Host = typeof host === 'string' ? host : host(port)
  for (const headers of [{ Host }, { Host, Cookie: await signIn() }]) {
    for (const path of ['/', '/healthz', '/metrics', '/assets/index-Ab3_d-9x.js', '/feed']) {
      const answer = await ask(port, path, { headers })
      expect(answer.status).toBe(421)
      expectNothing(answer)
    }
    const feed = await ask(port, '/feed', { headers: { ...headers, ...upgrade, Origin: `http://${Host}` } })
    expect(feed.status).toBe(421)
    expectNothing(feed)
  }
})

it('takes only one Host', async () => {
  const { port } = await servePages()
  const own = `Host: 127.0.0.1:${port}\r\n`
  for (const headers of [`${own}Host: evil.example\r\n`, `Host: evil.example\r\n${own}`, `${own}${own}`, '']) {
    const { text } = await askRaw(port, [`GET / HTTP/1.1\r\n${headers}\r\n`])
    expect(text).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\n$/s)
    expect(text).toContain('Content-Security-Policy: ')
  }
})

it('refuses a target that names another server', async () => {
  const { port } = await servePages()
  for (const target of ['http://evil.example/', `http://127.0.0.1:${port}/`, '*']) {
    const answer = await ask(port, target, { headers: { Host: `127.0.0.1:${port}` } })
    expect(answer.status).toBe(400)
    expectNothing(answer)
  }
})

const otherOrigins = (port: number): readonly string[] => [
  'http://evil.example',
  'null',
  `https://127.0.0.1:${port}`,
  `http://127.0.0.1:${port + 1}`,
  `http://localhost:${port}`,
  `http://127.0.0.1:${port}.evil.example`,
  `http://127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}, http://evil.example`,
  '',
]

it('refuses another Origin on the exchange, and leaves the token unused', async () => {
  const { mintLink, port } = await servePages()
  const token = tokenOf(await mintLink('operate'))
  for (const Origin of [...otherOrigins(port), null]) {
    const headers = Origin === null ? json : { ...json, Origin }
    const answer = await ask(port, '/session', { method: 'POST', headers, body: JSON.stringify({ token }) })
    expect([Origin, answer.status]).toEqual([Origin, 403])
    expectNothing(answer)
  }
  expect((await redeem(port, token)).status).toBe(204)
})

it('refuses another Origin wherever it is sent', async () => {
  const { port, signIn } = await servePages()
  const Cookie = await signIn()
  for (const Origin of otherOrigins(port)) {
    for (const path of ['/', '/healthz', '/assets/index-Ab3_d-9x.js']) {
      const answer = await ask(port, path, { headers: { Cookie, Origin } })
      expect([Origin, answer.status]).toEqual([Origin, 403])
      expectNothing(answer)
    }
  }
})

it('refuses a feed to another Origin, and to none', async () => {
  const { port, ran, signIn } = await servePages()
  const Cookie = await signIn()
  for (const Origin of [...otherOrigins(port), null]) {
    const headers: OutgoingHttpHeaders = { Cookie, ...upgrade, ...(Origin === null ? {} : { Origin }) }
    const answer = await ask(port, '/feed', { headers })
    expect([Origin, answer.status]).toEqual([Origin, 403])
    expectNothing(answer)
  }
  expect(ran).toEqual([])
})

it('refuses a feed to who is not signed in', async () => {
  const { port } = await servePages()
  const forged = `storepulse-${port}=${randomBytes(32).toString('base64url')}`
  for (const Cookie of ['', forged, `storepulse-${port}=`, `storepulse-${port}=../../x`]) {
    const answer = await ask(port, '/feed', { headers: { Cookie, ...fromOwnPage(port), ...upgrade } })
    expect(answer.status).toBe(401)
    expectNothing(answer)
  }
})

it('refuses a feed where there is none, and an upgrade to something else', async () => {
  const { port, signIn } = await servePages()
  const headers = { Cookie: await signIn(), ...fromOwnPage(port), ...upgrade }
  for (const path of ['/', '/feed/', '/feed?x=1', '/assets/index-Ab3_d-9x.js']) {
    const answer = await ask(port, path, { headers })
    expect([path, answer.status]).toEqual([path, 404])
    expectNothing(answer)
  }
  expect((await ask(port, '/feed', { headers: { ...headers, Upgrade: 'h2c' } })).status).toBe(400)
})

it.each(['cross-site', 'same-site', 'whatever'])('refuses what comes from a %s page', async (site) => {
  const { mintLink, port, signIn } = await servePages()
  const Cookie = await signIn()
  const asked: readonly (readonly [string, string, OutgoingHttpHeaders])[] = [
    ['GET', '/', { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' }],
    ['GET', '/', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }],
    ['GET', '/', { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
    ['HEAD', '/', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
    ['GET', '/healthz', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
    ['GET', '/assets/index-Ab3_d-9x.js', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
    ['GET', '/%2e/', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
    ['GET', '/feed', { ...upgrade, Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Mode': 'websocket' }],
    ['POST', '/session', { ...json, Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Mode': 'cors' }],
  ]
  const token = tokenOf(await mintLink('operate'))
  for (const [method, path, headers] of asked) {
    const body = method === 'POST' ? JSON.stringify({ token }) : undefined
    const all = { Cookie, 'Sec-Fetch-Site': site, ...headers }
    const answer = await ask(port, path, { method, headers: all, ...(body === undefined ? {} : { body }) })
    expect([path, answer.status]).toEqual([path, 403])
    expectNothing(answer)
  }
})

it('lets another site only open the front page in a tab', async () => {
  const { port, signIn } = await servePages()
  const visit = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
  expect((await ask(port, '/', { headers: visit })).status).toBe(200)
  const opened = await ask(port, '/', { headers: { ...visit, Cookie: await signIn() } })
  expect(opened.headers['cross-origin-opener-policy']).toBe('same-origin')
  expect(opened.headers['content-security-policy']).toContain("frame-ancestors 'none'")
})

it('answers a preflight with nothing', async () => {
  const { port } = await servePages()
  for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND']) {
    const headers = { ...fromOwnPage(port), 'Access-Control-Request-Method': 'POST' }
    const answer = await ask(port, '/session', { method, headers })
    expect([method, answer.status]).toEqual([method, 405])
    expectNothing(answer)
  }
})

it('redeems a token once, even when it is tried many times at once', async () => {
  const { mintLink, port } = await servePages({ limits: { signIns: 100 } })
  const token = tokenOf(await mintLink('operate'))
  const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(port, token)))
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
  const again = await redeem(port, token)
  expect(again.status).toBe(401)
  expectNothing(again)
})

it('redeems no token that is older than ten minutes', async () => {
  let passedMs = 0
  const clock = { ...systemClock, nowMs: () => 1_750_000_000_000 + passedMs }
  const { mintLink, port } = await servePages({ clock })
  const [first, second] = [tokenOf(await mintLink('view')), tokenOf(await mintLink('view'))]
  passedMs = 599_999
  expect((await redeem(port, first)).status).toBe(204)
  passedMs = 600_000
  const late = await redeem(port, second)
  expect(late.status).toBe(401)
  expectNothing(late)
})

it('forgets a session after 30 days', async () => {
  let passedMs = 0
  const clock = { ...systemClock, nowMs: () => 1_750_000_000_000 + passedMs }
  const { port, signIn } = await servePages({ clock })
  const headers = { Cookie: await signIn() }
  passedMs = 30 * 86_400_000 - 1
  expect((await ask(port, '/feed', { headers })).status).toBe(204)
  passedMs += 1
  expect((await ask(port, '/feed', { headers })).status).toBe(401)
})

it('takes no token but in the body of the exchange', async () => {
  const { mintLink, port } = await servePages({ limits: { signIns: 100 } })
  const token = tokenOf(await mintLink('operate'))
  const own = fromOwnPage(port)
  const tries: readonly (readonly [number, string, string, OutgoingHttpHeaders, string])[] = [
    [401, 'GET', `/session?token=${token}`, own, ''],
    [400, 'POST', `/session?token=${token}`, { ...own, ...json }, '{}'],
    [415, 'POST', '/session', { ...own, 'Content-Type': 'application/x-www-form-urlencoded' }, `token=${token}`],
    [415, 'POST', '/session', { ...own, 'Content-Type': 'text/plain' }, JSON.stringify({ token })],
    [415, 'POST', '/session', own, JSON.stringify({ token })],
    [400, 'POST', '/session', { ...own, ...json }, token],
    [400, 'POST', '/session', { ...own, ...json }, JSON.stringify([token])],
    [400, 'POST', '/session', { ...own, ...json }, JSON.stringify({ token, role: 'operate' })],
    [400, 'POST', '/session', { ...own, ...json }, JSON.stringify({ token: [token] })],
    [401, 'POST', '/session', { ...own, ...json }, JSON.stringify({ token: `../links/${token}` })],
    [401, 'POST', '/session', { ...own, ...json }, JSON.stringify({ token: '' })],
  ]
  for (const [status, method, path, headers, body] of tries) {
    const answer = await ask(port, path, { method, headers, body })
    expect([body, answer.status]).toEqual([body, status])
    expectNothing(answer)
  }
  expect((await redeem(port, token)).status).toBe(204)
})

const everyPath = [
  '/index.html',
  '/assets/index-Ab3_d-9x.js',
  '/assets/',
  '/session',
  '/feed',
  '/metrics',
  '/nothing-there',
  '/.env',
  '/serve/metrics.token',
  '//',
  '/sign-in.js/..%2findex.html',
]

it.each(everyPath)('answers %s with nothing to who is not signed in', async (path) => {
  const { port } = await servePages()
  for (const method of ['GET', 'HEAD', 'POST']) {
    if (method === 'POST' && path === '/session') continue
    const answer = await ask(port, path, { method, headers: fromOwnPage(port) })
    expect([method, answer.status]).toEqual([method, 401])
    expectNothing(answer)
  }
})

it('gives metrics to no other token, and not to a session', async () => {
  const { port, signIn } = await servePages()
  const Cookie = await signIn()
  const session = Cookie.split('=')[1] ?? ''
  for (const Authorization of ['', 'Bearer', `Bearer ${session}`, `Bearer ${'A'.repeat(43)}`, 'Basic Og==']) {
    const answer = await ask(port, '/metrics', { headers: { Cookie, Authorization } })
    expect(answer.status).toBe(401)
    expectNothing(answer)
  }
})

/** Beside the pages lie a secret, and links to it from within. */
async function serveBesideSecret(): Promise<Pick<TestPages, 'port'> & { readonly cookie: string }> {
  const root = makeTemporaryDirectory()
  const rendererFolder = makeRenderer(root)
  mkdirSync(join(root, 'private'))
  writeFileSync(join(root, 'private', 'secret.txt'), canary)
  writeFileSync(join(root, 'secret.txt'), canary)
  symlinkSync(join(root, 'secret.txt'), join(rendererFolder, 'assets', 'link.txt'))
  symlinkSync(join(root, 'private'), join(rendererFolder, 'assets', 'folder'))
  const pages = await servePages({ rendererFolder })
  return { port: pages.port, cookie: await pages.signIn() }
}

it('has no path that leads out of the pages', async () => {
  const { cookie, port } = await serveBesideSecret()
  const ways = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..%252fsecret.txt',
    '/..%c0%afsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/assets\\..\\..\\secret.txt',
    '/assets/....//....//secret.txt',
    '/assets/%00/../../secret.txt',
    '/secret.txt%00.js',
    '//secret.txt',
    '/file:///secret.txt',
    '/assets/link.txt',
    '/assets/folder/secret.txt',
    '/assets/folder',
    '/%',
    '/%ff',
    '/__proto__',
    '/constructor',
  ]
  for (const way of ways) {
    const { text } = await askRaw(port, [
      `GET ${way} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
    ])
    expect([way, text]).toEqual([way, expect.stringMatching(/^HTTP\/1\.1 40[04] /)])
    expect([way, text.split('\r\n\r\n')[1]]).toEqual([way, ''])
  }
})

it('serves the pages it read at the start, whatever lies there later', async () => {
  const root = makeTemporaryDirectory()
  const rendererFolder = makeRenderer(root)
  const { port, signIn } = await servePages({ rendererFolder })
  writeFileSync(join(rendererFolder, 'assets', 'later.txt'), canary)
  expect((await ask(port, '/assets/later.txt', { headers: { Cookie: await signIn() } })).status).toBe(404)
})

const broken: readonly (readonly [string, string])[] = [
  ['no HTTP', 'hello\r\n\r\n'],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a header with a bare line feed', 'GET / HTTP/1.1\nHost: x\n\n'],
  ['two lengths', 'POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  [
    'length and chunks',
    'POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0',
  ],
  ['a chunk that is none', 'POST /session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: everything\r\n\r\n'],
  ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
]

it.each(broken)('says nothing to who sends %s', async (_what, text) => {
  const { port } = await servePages()
  const answer = await askRaw(port, [text.replaceAll('Host: x', `Host: 127.0.0.1:${port}`)])
  const [head = '', ...rest] = answer.text.split('\r\n\r\n')
  expect(rest.join('')).toBe('')
  // A tunnel is not even refused.
  if (head !== '') expect(head).toContain('Content-Security-Policy: ')
})
