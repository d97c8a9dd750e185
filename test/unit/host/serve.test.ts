import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { exitCodeOf } from '../../../core/cli/exit.ts'
import { ask } from '../../support/http-client.ts'
import { certificate, certificateKey } from '../../support/localhost-certificate.ts'
import { canary, fromOwnPage, redeem, servePages, tokenOf } from '../../support/served-pages.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { sampleBoard } from '../cli/sample-board.ts'

it('shows the sign-in page to a stranger, and the pages to who redeemed a link', async () => {
  const { mintLink, port, url } = await servePages()
  const stranger = await ask(port, '/')
  expect(stranger.status).toBe(200)
  expect(stranger.body).toContain('sign-in link')
  expect(stranger.body).not.toContain(canary)

  const link = await mintLink('operate')
  expect(link).toMatch(new RegExp(`^${url}/#token=[A-Za-z0-9_-]{43}$`))
  const exchanged = await redeem(port, tokenOf(link))
  expect([exchanged.status, exchanged.body]).toEqual([204, ''])
  const [cookie = ''] = exchanged.headers['set-cookie'] ?? []
  expect(cookie).toMatch(
    new RegExp(`^storepulse-${port}=[A-Za-z0-9_-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`),
  )
  const page = await ask(port, '/', { headers: { Cookie: cookie.split(';')[0] } })
  expect(page.body).toContain(canary)
  expect(page.body).toMatch(/<head><script src="\/sign-in\.js"><\/script>/)
})

it('puts a nonce of this load into header and page', async () => {
  const { port, signIn } = await servePages()
  const headers = { Cookie: await signIn() }
  const nonces = new Set<string>()
  for (const { body, headers: answered } of [await ask(port, '/', { headers }), await ask(port, '/', { headers })]) {
    const nonce = /name="csp-nonce" content="([^"]+)"/.exec(body)?.[1] ?? ''
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16)
    expect(answered['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}';`)
    expect(answered['cache-control']).toBe('no-store')
    nonces.add(nonce)
  }
  expect(nonces.size).toBe(2)
})

it('sends files as what they are, and lets only hashed ones be kept', async () => {
  const { port, signIn } = await servePages()
  const headers = { Cookie: await signIn() }
  const script = await ask(port, '/assets/index-Ab3_d-9x.js', { headers })
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(script.headers['cache-control']).toBe('private, max-age=31536000, immutable')
  expect(script.headers['x-content-type-options']).toBe('nosniff')
  const style = await ask(port, '/assets/plain.css', { headers })
  expect([style.headers['content-type'], style.headers['cache-control']]).toEqual([
    'text/css; charset=utf-8',
    'no-store',
  ])
  expect((await ask(port, '/assets/index-Ab3_d-9x.js', { method: 'HEAD', headers })).body).toBe('')
  expect((await ask(port, '/assets/gone.js', { headers })).status).toBe(404)
})

it('tells a page that asks at the feed whether it is signed in', async () => {
  const { port, signIn } = await servePages()
  expect((await ask(port, '/feed')).status).toBe(401)
  expect((await ask(port, '/feed', { headers: { Cookie: await signIn() } })).status).toBe(204)
})

it('asks once more from its own page when another site led there', async () => {
  const { port } = await servePages()
  const visit = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
  expect((await ask(port, '/', { headers: visit })).body).toContain('data-from-elsewhere="true"')
  expect((await ask(port, '/')).body).toContain('data-from-elsewhere="false"')
})

it('says how it is without saying more', async () => {
  const { port, show } = await servePages({ clock: { ...systemClock, monotonicMs: () => performance.now() * 10_000 } })
  const health = async (): Promise<readonly [number, string]> => {
    const { body, status } = await ask(port, '/healthz')
    return [status, body]
  }
  expect(await health()).toEqual([200, '{"status":"ok"}'])
  show({ ...sampleBoard, state: 'catching-up' })
  expect(await health()).toEqual([200, '{"status":"ok"}'])
  show({ ...sampleBoard, state: 'faulted', reason: canary })
  expect(await health()).toEqual([503, '{"status":"faulted"}'])
  show(new Fault('unreachable', canary))
  expect(await health()).toEqual([503, '{"status":"unreachable"}'])
})

it('gives metrics to their own token, which stays', async () => {
  const { folder, metricsTokenFile, port, close } = await servePages()
  const token = readFileSync(metricsTokenFile, 'utf8').trim()
  expect(statSync(metricsTokenFile).mode & 0o777).toBe(0o600)
  const { body, headers, status } = await ask(port, '/metrics', { headers: { Authorization: `Bearer ${token}` } })
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(body).toContain('# TYPE storepulse_records_total counter')
  expect(body).toContain('storepulse_records_total{topic="retail-transactions",outcome="late"} 345')
  await close()
  await servePages({ folder })
  expect(readFileSync(metricsTokenFile, 'utf8').trim()).toBe(token)
})

it('keeps sessions over a restart on the same port', async () => {
  const first = await servePages()
  const headers = { Cookie: await first.signIn('view') }
  await first.close()
  const second = await servePages({ folder: first.folder, port: first.port })
  expect((await ask(second.port, '/', { headers })).body).toContain(canary)
})

it('keeps nothing on disk that signs anybody in, and all of it for this user alone', async () => {
  const { folder, mintLink, signIn } = await servePages()
  const secrets = [tokenOf(await mintLink('view')), (await signIn()).split('=')[1] ?? '']
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const entry of files) {
    const file = join(entry.parentPath, entry.name)
    expect([file, statSync(file).mode & 0o077]).toEqual([file, 0])
    if (entry.isFile())
      for (const secret of secrets) expect(`${file}${readFileSync(file, 'utf8')}`).not.toContain(secret)
  }
  expect(files.length).toBeGreaterThanOrEqual(5)
})

it('marks the cookie for TLS where the public address has it', async () => {
  const { mintLink, port, url } = await servePages({ publicUrl: 'https://sales.example.com' })
  expect(url).toBe('https://sales.example.com')
  const body = JSON.stringify({ token: tokenOf(await mintLink('view')) })
  const { headers } = await ask(port, '/session', {
    method: 'POST',
    headers: { Host: 'sales.example.com', Origin: 'https://sales.example.com', 'Content-Type': 'application/json' },
    body,
  })
  expect(headers['set-cookie']?.[0]).toMatch(/; Secure$/)
})

it('names a port that is taken, exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await new Promise((resolve) => {
    other.once('listening', resolve)
  })
  const bound = other.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  const fault = await servePages({ port }).catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(Fault)
  expect(fault).toMatchObject({ message: `port ${port} on 127.0.0.1 is taken by another program` })
  expect(exitCodeOf(fault as Fault)).toBe(1)
})

it.each(['0.0.0.0', '::', '192.0.2.7', 'example.com'])('opens %s only with TLS or --insecure', async (address) => {
  await expect(servePages({ address })).rejects.toMatchObject({ code: 'usage' })
})

it('opens another address when told to do so unencrypted', async () => {
  const { port } = await servePages({ address: '0.0.0.0', isInsecureAllowed: true })
  expect((await ask(port, '/healthz')).status).toBe(200)
})

it('serves over TLS, with a cookie that goes nowhere else', async () => {
  const tls = { cert: Buffer.from(certificate), key: Buffer.from(certificateKey) }
  const { mintLink, port, url } = await servePages({ tls, address: '0.0.0.0' })
  expect(url).toBe(`https://127.0.0.1:${port}`)
  const token = tokenOf(await mintLink('view'))
  const exchanged = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { Origin: url, 'Content-Type': 'application/json' }
    const options = {
      host: '127.0.0.1',
      port,
      path: '/session',
      method: 'POST',
      headers,
      ca: certificate,
      agent: false,
    }
    request(options, resolve).on('error', reject).end(JSON.stringify({ token }))
  })
  exchanged.resume()
  expect(exchanged.statusCode).toBe(204)
  expect(exchanged.headers['set-cookie']?.[0]).toMatch(/; Secure$/)
  // Unencrypted there is no answer, not even a refusal.
  await expect(ask(port, '/healthz')).rejects.toThrow(/socket hang up|ECONNRESET/)
})

it('refuses a certificate that is none', async () => {
  const tls = { cert: Buffer.from('no'), key: Buffer.from('no') }
  await expect(servePages({ tls })).rejects.toMatchObject({ code: 'usage' })
})

it('says at the start that the pages are not built', async () => {
  const rendererFolder = makeTemporaryDirectory()
  await expect(servePages({ rendererFolder })).rejects.toMatchObject({
    code: 'not-found',
    message: `the pages are not built: there is no ${join(rendererFolder, 'index.html')}`,
  })
})

it('ends within a second, whoever is connected', async () => {
  const { close, port } = await servePages()
  await ask(port, '/healthz')
  const startedMs = performance.now()
  await close()
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  await expect(ask(port, '/healthz', { headers: fromOwnPage(port) })).rejects.toThrow('ECONNREFUSED')
})
