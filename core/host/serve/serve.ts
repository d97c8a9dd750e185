import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Clock } from '../../base/clock.ts'
import { describeError, Fault } from '../../base/fault.ts'
import type { Logger } from '../../base/logger.ts'
import type { Role } from '../../protocol/commands.ts'
import type { Host } from '../host.ts'
import { describeAddresses, describeListenFailure, isLoopback, readPublicUrl } from './addresses.ts'
import { attend } from './attend.ts'
import { createBoardReader } from './board-reader.ts'
import { createSessionCookie } from './cookie.ts'
import { createFeeds } from './feed.ts'
import { type ServeLimits, usualLimits } from './limits.ts'
import { formatLink, linkLifeMs, openLinks } from './links.ts'
import { type MetricsToken, openMetricsToken } from './metrics-token.ts'
import { createRateLimit } from './rate-limit.ts'
import { loadRenderer, type RendererFiles } from './renderer-files.ts'
import { createRoutes } from './routes.ts'
import { announceServing } from './serving.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { makePrivateFolder, type RandomBytes, type Vault } from './vault.ts'

export interface ServeInputs {
  readonly host: Host
  /** The built pages: index.html and what it loads. */
  readonly rendererFolder: string
  /** The data directory's folder for serving. */
  readonly folder: string
  /** Address to bind. */
  readonly address: string
  /** 0 picks one. */
  readonly port: number
  /** What a proxy in front shows, or null. */
  readonly publicUrl: string | null
  /** Certificate and key as PEM, or null for plain HTTP. */
  readonly tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | null
  /** Allows plain HTTP on an address others can reach. */
  readonly isInsecureAllowed: boolean
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly logger: Logger
  readonly limits?: Partial<ServeLimits>
}

/** The pages, served. */
export interface ServedPages {
  /** Origin to open, without a slash at its end. */
  readonly url: string
  readonly port: number
  readonly metricsTokenFile: string
  /** A link that signs in once, within `lifeMs` (ten minutes unless told). */
  readonly mintLink: (role: Role, lifeMs?: number) => Promise<string>
  /** Says goodbye to all viewers and ends, within a second. Idempotent. */
  readonly close: () => Promise<void>
}

/** How long a goodbye may take. */
const farewellMs = 500

function checkInputs({ address, isInsecureAllowed, publicUrl, tls }: ServeInputs): void {
  if (publicUrl !== null) readPublicUrl(publicUrl)
  if (tls || isInsecureAllowed || isLoopback(address)) return
  throw new Fault('usage', `${address} can be reached from other machines: that needs --cert and --key`, {
    domain: 'user',
    hint: 'or say --insecure to send everything, sign-ins included, unencrypted',
  })
}

function createBareServer({ tls }: ServeInputs, limits: ServeLimits): Server {
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: limits.idleMs,
    // The door refuses it, with our headers.
    requireHostHeader: false,
  }
  if (!tls) return createServer(options)
  try {
    const secrets = { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) }
    return createTlsServer({ ...options, ...secrets, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs })
  } catch (error) {
    throw new Fault('usage', `certificate and key cannot be used: ${describeError(error)}`, {
      domain: 'user',
      cause: error,
      hint: 'give both as PEM files that belong together',
    })
  }
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(describeListenFailure(error, address, port)))
    server.listen(port, address, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound ? bound.port : port)
    })
  })
}

/** Returns what ends the server: those who are served may finish for half a second. */
function watchConnections(server: Server, clock: Clock): (sayGoodbye: () => void) => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return async (sayGoodbye) => {
    const finished = new AbortController()
    const ended = new Promise<void>((resolve) => {
      server.close(() => resolve())
    }).then(() => finished.abort())
    sayGoodbye()
    await Promise.race([ended, clock.sleep(farewellMs, finished.signal)])
    for (const socket of sockets) socket.destroy()
    await ended
  }
}

/** What outlives a request. */
interface Opened {
  readonly files: RendererFiles
  readonly links: Vault
  readonly sessions: Sessions
  readonly metricsToken: MetricsToken
}

async function open({ clock, folder, randomBytes, rendererFolder }: ServeInputs): Promise<Opened> {
  const files = await loadRenderer(rendererFolder)
  await makePrivateFolder(folder)
  return {
    files,
    links: await openLinks(folder, clock, randomBytes),
    sessions: await openSessions(folder, clock, randomBytes),
    metricsToken: await openMetricsToken(folder, randomBytes),
  }
}

/**
 * Serves the built pages and the host's feeds to browsers.
 *
 * @throws Fault `not-found` without built pages, `usage` for an address that needs TLS or a certificate that is none,
 * `refused` for a port that cannot be had, naming it
 */
export async function serveHost(inputs: ServeInputs): Promise<ServedPages> {
  checkInputs(inputs)
  const { address, clock, folder, host, logger, publicUrl, randomBytes, tls } = inputs
  const limits: ServeLimits = { ...usualLimits, ...inputs.limits }
  const opened = await open(inputs)
  const { links, metricsToken, sessions } = opened
  const server = createBareServer(inputs, limits)
  server.maxConnections = limits.connections
  server.setTimeout(limits.stallMs)
  const endServer = watchConnections(server, clock)
  const port = await listen(server, address, inputs.port)
  server.on('error', (error) => logger.warn('a connection could not be taken', { reason: error.message }))

  // Nothing is awaited from here until requests are attended to.
  const { all: addresses, url } = describeAddresses({ address, isTls: tls !== null, publicUrl }, port)
  const cookie = createSessionCookie(port, sessions)
  const feeds = createFeeds({ host, limits, isSignedIn: ({ expiresAtMs }) => expiresAtMs > clock.nowMs(), logger })
  const routes = createRoutes({
    ...opened,
    readBoard: createBoardReader(host, clock),
    cookie,
    signIns: createRateLimit(clock, limits.signIns, limits.signInPauseMs),
    bodyBytes: limits.bodyBytes,
    isSecure: (shown) => addresses.some((own) => own.host === shown && own.origin.startsWith('https:')),
    randomBytes,
    logger,
  })
  // The program's own Request and Response stay as they are.
  const answer = getRequestListener(routes.fetch, {
    overrideGlobalObjects: false,
    // What fails before it reaches a route is a target that is none.
    errorHandler: () => new Response(null, { status: 400, headers: { 'Content-Length': '0' } }),
  })
  attend(server, {
    addresses,
    answer,
    findSession: ({ headers }) => cookie.read(headers.cookie),
    feeds,
    randomBytes,
    logger,
  })

  let takeBack: (() => Promise<void>) | null = null
  const end = async (): Promise<void> => {
    await endServer(() => feeds.close())
    await takeBack?.()
  }
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => {
    closing ??= end()
    return closing
  }
  try {
    takeBack = await announceServing(folder, { processId: process.pid, url })
  } catch (error) {
    await close()
    throw error
  }
  return {
    url,
    port,
    metricsTokenFile: metricsToken.file,
    mintLink: async (role, lifeMs = linkLifeMs) => formatLink(url, (await links.add(role, lifeMs)).secret),
    close,
  }
}
