import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  feedPath,
  noncePlaceholder,
  type PageAnswer,
  type PageMessage,
  signedOutCloseCode,
} from '../../../core/protocol/bridge.ts'
import { buildContentPolicy } from '../../../core/protocol/content-policy.ts'
import type { Alert } from '../../../core/protocol/board.ts'
import { type Answers, createAnswers, createSilentAlert, type DemoState, drawBoardOf } from './answers.ts'
import { createDemoCluster, type DemoCluster, type DemoClusterOptions } from './cluster.ts'
import { createLedgers } from './ledgers.ts'
import { drawSeries } from './series.ts'
import { createSettings } from './settings.ts'
import { createStores } from './world.ts'

/** Serves the built page with the real CSP and speaks its protocol with made-up, changing data. */
export interface DemoHost {
  readonly url: string
  /** Says nothing on any connection until let go. */
  stall(isStalled: boolean): void
  /** Ends all connections, and refuses new ones while it is down. */
  goDown(isDown: boolean): void
  endSessions(): void
  setAlerts(alerts: readonly Alert[]): void
  setState(state: 'running' | 'paused' | 'faulted', reason: string | null): void
  /** Commands received so far, by name. */
  readonly received: readonly string[]
  silentAlert(): Alert
  readonly cluster: DemoCluster
  close(): Promise<void>
}

export interface DemoOptions {
  readonly stores?: number
  readonly isEmpty?: boolean
  readonly role?: 'view' | 'operate'
  /** Shows the past being made for so long after the first page has come. */
  readonly backfillMs?: number
  readonly isQuiet?: boolean
  readonly cluster?: DemoClusterOptions
}

const pageFolder = join(import.meta.dirname, '../../../out/renderer')
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const boardMs = 250
const recentMs = 500
const minutes = 60_000

async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
  const file = join(pageFolder, path === '/' ? 'index.html' : path)
  try {
    const nonce = randomBytes(16).toString('base64')
    const bytes = await readFile(file)
    const body = file.endsWith('.html') ? bytes.toString('utf8').replace(noncePlaceholder, nonce) : bytes
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': buildContentPolicy(nonce),
      'x-content-type-options': 'nosniff',
    })
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
}

async function answer(answers: Answers, message: Extract<PageMessage, { kind: 'request' }>): Promise<PageAnswer> {
  try {
    const run = answers[message.command] as ((request: unknown) => unknown) | undefined
    if (run === undefined) throw new Error(`no page asks ${message.command}`)
    return { kind: 'response', id: message.id, result: await run(message.payload) }
  } catch (error) {
    const { message: text, code = 'internal', hint = null } = error as Error & { code?: string; hint?: string | null }
    return { kind: 'failure', id: message.id, fault: { code, message: text, hint, retry: false } }
  }
}

export async function startDemoHost(options: DemoOptions = {}): Promise<DemoHost> {
  const startedMs = Date.now()
  const world = {
    stores: createStores(options.stores ?? 10),
    startedMs,
    silentSinceMs: startedMs - 9 * minutes,
    isEmpty: options.isEmpty ?? false,
  }
  const alerts = world.isEmpty || options.isQuiet ? [] : [createSilentAlert(world)]
  const cluster = createDemoCluster(options.cluster ?? {}, () => {
    for (const socket of sockets.keys()) socket.terminate()
  })
  const state: DemoState = {
    world,
    ledgers: createLedgers(startedMs, world.isEmpty),
    settings: createSettings(),
    role: options.role ?? 'operate',
    choice: { state: 'running', reason: null, alerts, painted: [] },
    nowMs: () => Date.now(),
    cluster,
  }
  const answers = createAnswers(state)
  const received: string[] = []
  const sockets = new Map<WebSocket, Set<string>>()
  let isStalled = false
  let isDown = false
  let isSignedOut = false

  const server = createServer((request, response) => {
    if (isDown) response.destroy()
    else if (request.url === feedPath) response.writeHead(isSignedOut ? 401 : 426).end()
    else void servePage(request, response)
  })
  const feeds = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (isDown) socket.destroy()
    else if (isSignedOut) socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
    else feeds.handleUpgrade(request, socket, head, (opened) => feeds.emit('connection', opened, request))
  })
  const send = (socket: WebSocket, message: PageAnswer): void => {
    if (!isStalled) socket.send(JSON.stringify(message))
  }
  feeds.on('connection', (socket: WebSocket) => {
    const subscribed = new Set<string>()
    firstPageAtMs ??= Date.now()
    sockets.set(socket, subscribed)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as PageMessage
      if (message.kind === 'subscribe') {
        subscribed.add(message.feed)
        publish(message.feed, socket)
      } else if (message.kind === 'unsubscribe') subscribed.delete(message.feed)
      else if (message.kind === 'request') {
        received.push(message.command)
        void answer(answers, message).then((answered) => {
          if (socket.readyState === socket.OPEN) send(socket, answered)
        })
      }
    })
  })
  let firstPageAtMs: number | null = null
  const drawFeed = (feed: string): unknown => {
    const now = Date.now()
    if (feed === 'board') return drawBoardOf(state)
    if (feed === 'recent') {
      return drawSeries(world, { fromMs: now - 15 * minutes, untilMs: now, stepMs: minutes, storeId: null }, now)
    }
    if (options.backfillMs === undefined) return null
    const share = (now - (firstPageAtMs ?? now)) / options.backfillMs
    return share >= 1 ? null : { share, fromMs: startedMs - 86_400_000, untilMs: startedMs }
  }
  function publish(feed: string, only?: WebSocket): void {
    const value = drawFeed(feed)
    for (const [socket, subscribed] of sockets) {
      if (subscribed.has(feed) && (only === undefined || only === socket)) {
        send(socket, { kind: 'feed', feed: feed as 'board', value })
      }
    }
  }
  const timers = [
    setInterval(() => publish('board'), boardMs),
    setInterval(() => publish('recent'), recentMs),
    setInterval(() => publish('backfill'), recentMs),
  ]
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    stall: (value) => void (isStalled = value),
    goDown(value) {
      isDown = value
      if (value) for (const socket of sockets.keys()) socket.terminate()
    },
    endSessions() {
      isSignedOut = true
      for (const socket of sockets.keys()) socket.close(signedOutCloseCode)
    },
    setAlerts: (next) => void (state.choice = { ...state.choice, alerts: next }),
    setState: (next, reason) => void (state.choice = { ...state.choice, state: next, reason }),
    silentAlert: () => createSilentAlert(world),
    cluster,
    async close() {
      for (const timer of timers) clearInterval(timer)
      for (const socket of sockets.keys()) socket.terminate()
      cluster.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
