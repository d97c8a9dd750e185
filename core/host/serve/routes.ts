import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { describeError } from '../../base/fault.ts'
import type { Logger } from '../../base/logger.ts'
import { feedPath } from '../../protocol/bridge.ts'
import type { BoardReader } from './board-reader.ts'
import type { SessionCookie } from './cookie.ts'
import { formatMetrics } from './metrics-text.ts'
import type { MetricsToken } from './metrics-token.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RendererFiles } from './renderer-files.ts'
import { makeNonce, securityHeaders } from './security-headers.ts'
import type { Sessions } from './sessions.ts'
import {
  sessionPath,
  signInPage,
  signInScript,
  signInScriptPath,
  signInStyle,
  signInStylePath,
} from './sign-in-page.ts'
import type { RandomBytes, Vault } from './vault.ts'

export interface RouteParts {
  readonly files: RendererFiles
  readonly readBoard: BoardReader
  readonly cookie: SessionCookie
  readonly sessions: Sessions
  readonly links: Vault
  readonly metricsToken: MetricsToken
  readonly signIns: RateLimit
  readonly bodyBytes: number
  /** Whether what a browser sends to that Host goes over TLS. */
  readonly isSecure: (host: string) => boolean
  readonly randomBytes: RandomBytes
  readonly logger: Logger
}

type Environment = { Bindings: HttpBindings }
type Visit = Context<Environment>

const html = { 'Content-Type': 'text/html; charset=utf-8' } as const
const signInRequest = z.strictObject({ token: z.string().max(200) })

/** Answers with nothing but a status, and says that there is nothing. */
const nothing = (
  visit: Visit,
  status: 400 | 401 | 404 | 413 | 415 | 429 | 500 | 503,
  headers: Readonly<Record<string, string>> = {},
): Response => visit.body(null, status, { ...headers, 'Content-Length': '0' })

async function answerHealth(visit: Visit, { logger, readBoard }: RouteParts): Promise<Response> {
  try {
    const { state } = await readBoard()
    return state === 'faulted' ? visit.json({ status: 'faulted' }, 503) : visit.json({ status: 'ok' })
  } catch (error) {
    logger.debug('there is no board', { reason: describeError(error) })
    return visit.json({ status: 'unreachable' }, 503)
  }
}

async function answerMetrics(visit: Visit, { logger, metricsToken, readBoard }: RouteParts): Promise<Response> {
  if (!metricsToken.isShownIn(visit.req.header('authorization'))) {
    return nothing(visit, 401, { 'WWW-Authenticate': 'Bearer' })
  }
  try {
    const { text, type } = await formatMetrics(await readBoard())
    return visit.body(text, 200, { 'Content-Type': type })
  } catch (error) {
    logger.warn('there are no metrics', { reason: describeError(error) })
    return nothing(visit, 503)
  }
}

/** The body of a request, or null when it is longer than allowed; of that no more is read. */
async function readBody(visit: Visit, mostBytes: number): Promise<string | null> {
  if (Number(visit.req.header('content-length') ?? 0) > mostBytes) return null
  const reader = visit.req.raw.body?.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > mostBytes) return null
    parts.push(value)
  }
  return Buffer.concat(parts).toString('utf8')
}

function readToken(body: string): string | null {
  try {
    const parsed = signInRequest.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data.token : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Exchanges a link's token for a cookie, once. */
async function signIn(visit: Visit, parts: RouteParts): Promise<Response> {
  if (!/^application\/json(;|$)/i.test(visit.req.header('content-type') ?? '')) return nothing(visit, 415)
  const address = visit.env.incoming.socket.remoteAddress ?? ''
  if (!parts.signIns.tryOnce(address)) {
    parts.logger.debug('too many failed sign-ins', { address })
    return nothing(visit, 429)
  }
  const body = await readBody(visit, parts.bodyBytes)
  if (body === null) return nothing(visit, 413, { Connection: 'close' })
  const token = readToken(body)
  if (token === null) return nothing(visit, 400)
  const grant = await parts.links.take(token)
  if (!grant) {
    parts.logger.warn('a sign-in was refused', { address })
    return nothing(visit, 401)
  }
  parts.signIns.giveBack(address)
  parts.logger.info('signed in', { role: grant.role, address })
  const secret = await parts.sessions.open(grant.role)
  return visit.body(null, 204, {
    'Set-Cookie': parts.cookie.write(secret, parts.isSecure(visit.req.header('host') ?? '')),
  })
}

function showFrontPage(visit: Visit, { cookie, files, randomBytes }: RouteParts): Response {
  if (!cookie.read(visit.req.header('cookie'))) {
    const site = visit.req.header('sec-fetch-site')
    return visit.body(signInPage(site === 'cross-site' || site === 'same-site'), 200, html)
  }
  const nonce = makeNonce(randomBytes)
  return visit.body(files.index(nonce), 200, { ...securityHeaders(nonce), ...html })
}

function sendFile(visit: Visit, files: RendererFiles): Response {
  const file = files.find(visit.req.path)
  if (!file) return nothing(visit, 404)
  return visit.body(file.bytes, 200, {
    'Content-Type': file.type,
    'Cache-Control': file.isHashed ? 'private, max-age=31536000, immutable' : 'no-store',
  })
}

/**
 * What is answered to whoever came past the door. Without a session: health, the sign-in page with its script and style,
 * the exchange of a token, and metrics to their own token; all else is 401 without content, be it there or not.
 */
export function createRoutes(parts: RouteParts): Hono<Environment> {
  const routes = new Hono<Environment>()
  routes.get('/healthz', (visit) => answerHealth(visit, parts))
  routes.get('/metrics', (visit) => answerMetrics(visit, parts))
  routes.get('/', (visit) => showFrontPage(visit, parts))
  routes.get(signInScriptPath, (visit) =>
    visit.body(signInScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  )
  routes.get(signInStylePath, (visit) => visit.body(signInStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  routes.post(sessionPath, (visit) => signIn(visit, parts))
  routes.use(async (visit, next) => (parts.cookie.read(visit.req.header('cookie')) ? next() : nothing(visit, 401)))
  routes.get(feedPath, (visit) => visit.body(null, 204))
  routes.get('*', (visit) => sendFile(visit, parts.files))
  routes.notFound((visit) => nothing(visit, 404))
  routes.onError((error, visit) => {
    parts.logger.error('a request failed', { path: visit.req.path, reason: describeError(error) })
    return nothing(visit, 500)
  })
  return routes
}
