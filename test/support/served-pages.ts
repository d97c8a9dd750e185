import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { Fault } from '../../core/base/fault.ts'
import { silentLogger } from '../../core/base/logger.ts'
import type { Handlers } from '../../core/host/handlers.ts'
import { createHost, type Host } from '../../core/host/host.ts'
import { type ServedPages, serveHost, type ServeInputs } from '../../core/host/serve/serve.ts'
import type { Board } from '../../core/protocol/board.ts'
import { sampleBoard } from '../unit/cli/sample-board.ts'
import { ask } from './http-client.ts'
import { makeCluster } from './fake-cluster.ts'
import { makeViews, type NoteRun } from './fake-views.ts'
import { makeTemporaryDirectory } from './temporary-directory.ts'

/** Something no answer to a stranger may contain. */
export const canary = 'canary-of-the-business'

/** A built renderer, as small as it can be. */
export function makeRenderer(root: string): string {
  const folder = join(root, 'renderer')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><html><head><meta name="csp-nonce" content="__STOREPULSE_CSP_NONCE__"><title>${canary}</title></head><body></body></html>`,
  )
  writeFileSync(join(folder, 'assets', 'index-Ab3_d-9x.js'), `globalThis.secret = '${canary}'`)
  writeFileSync(join(folder, 'assets', 'plain.css'), 'body{}')
  return folder
}

export interface TestHost {
  readonly host: Host
  /** Commands that ran, in order. */
  readonly ran: string[]
  /** What the board shows from now on. */
  readonly show: (board: Board | Fault) => void
}

/** A host in memory: it remembers what ran, and every answer holds the canary. */
export function makeHost(): TestHost {
  const ran: string[] = []
  let board: Board | Fault = { ...sampleBoard, profile: canary }
  const readBoard = async (): Promise<Board> => {
    if (board instanceof Fault) throw board
    return board
  }
  const note: NoteRun = (name, answer) => (request, context) => {
    ran.push(name)
    return answer(request, context)
  }
  const handlers: Handlers = {
    hello: note('hello', async () => ({ processId: 1, command: canary, version: '0', profile: 'local' })),
    status: readBoard,
    query: note(
      'query',
      ({ sql }, { signal }) =>
        new Promise((resolve, reject) => {
          const rows = [[sql, canary]]
          const cancel = (): void => {
            ran.push('cancelled')
            reject(new Fault('cancelled', 'cancelled'))
          }
          if (sql === 'wait') signal.addEventListener('abort', cancel)
          else resolve({ columns: [{ name: 'sql', type: 'VARCHAR' }], rows, truncated: false })
        }),
    ),
    append: note('append', async ({ records }) => ({ appended: records.length })),
    sync: note('sync', async () => ({})),
    listLate: note('listLate', async () => ({ entries: [] })),
    listQuarantine: note('listQuarantine', async () => ({ entries: [] })),
    listConflicts: note('listConflicts', async () => ({ entries: [] })),
    sumQuarantine: note('sumQuarantine', async () => ({ stores: [] })),
    sumLedgers: note('sumLedgers', async () => {
      throw new Fault('not-found', canary)
    }),
    listAudit: note('listAudit', async () => ({ entries: [] })),
    showQuarantined: note('showQuarantined', async () => {
      throw new Fault('not-found', canary)
    }),
    readmit: note('readmit', async () => ({ results: [] })),
    purgeQuarantine: note('purgeQuarantine', async () => ({ purged: 0 })),
    reportPainted: note('reportPainted', async () => ({})),
    ...makeViews(note),
    ...makeCluster(note),
    noteDeed: note('noteDeed', async () => ({})),
    mintLink: note('mintLink', async () => ({ url: canary, expiresAt: '2026-01-01T00:00:00.000Z' })),
  }
  const host = createHost(handlers, { board: { everyMs: 250, read: readBoard } })
  return {
    host,
    ran,
    show(next) {
      board = next
    },
  }
}

export interface TestPages extends ServedPages, TestHost {
  readonly folder: string
  /** Signs in and gives the Cookie header. */
  readonly signIn: (role?: 'view' | 'operate') => Promise<string>
}

export const tokenOf = (link: string): string => link.split('#token=')[1] ?? ''

/** Headers of a page of the served origin. */
export const fromOwnPage = (port: number): { readonly Origin: string; readonly 'Sec-Fetch-Site': string } => ({
  Origin: `http://127.0.0.1:${port}`,
  'Sec-Fetch-Site': 'same-origin',
})

/** Exchanges a token, as the sign-in page does. */
export const redeem = (port: number, token: string): ReturnType<typeof ask> =>
  ask(port, '/session', {
    method: 'POST',
    headers: { ...fromOwnPage(port), 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  })

/** Serves until the test ends: on loopback, at a port of its own. */
export async function servePages(more: Partial<ServeInputs> = {}): Promise<TestPages> {
  const root = makeTemporaryDirectory()
  const made = makeHost()
  const folder = more.folder ?? join(root, 'serve')
  const pages = await serveHost({
    host: made.host,
    rendererFolder: makeRenderer(root),
    folder,
    address: '127.0.0.1',
    port: 0,
    publicUrl: null,
    tls: null,
    isInsecureAllowed: false,
    clock: systemClock,
    randomBytes,
    logger: silentLogger,
    ...more,
  })
  onTestFinished(() => pages.close())
  return {
    ...pages,
    ...made,
    folder,
    async signIn(role = 'operate') {
      const answer = await redeem(pages.port, tokenOf(await pages.mintLink(role)))
      return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    },
  }
}
