import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import type { Board } from '../../../core/protocol/board.ts'
import { lastJson, runStorepulse } from '../storepulse.ts'
import { collectComplaints, keepView } from '../page/complaints.ts'
import { copyPast, makePast, pasts, type ServeChoice, type ServeProcess, startServe } from './serve-process.ts'

/** A test of the pages against the real `storepulse serve`. It fails on any complaint of the browser that it did not provoke. */

export interface ServePageOptions {
  /** What the page has kept from an earlier visit. */
  readonly kept: Readonly<Record<string, unknown>>
  /** Console errors that the test provokes. */
  readonly provoked: RegExp | null
}

interface OwnServe extends Omit<ServeChoice, 'home'> {
  readonly past?: keyof typeof pasts
  /** Starts on a directory that was served before. */
  readonly home?: string
}

interface ServePageFixtures {
  /** Starts a server of the test's own; what still runs at the end of the test is ended, and has to end well. */
  readonly serve: (choice: OwnServe) => Promise<ServeProcess>
  /** A page of its own cookies that is watched for complaints. */
  readonly openContext: () => Promise<Page>
}

interface ServeWorkerFixtures {
  readonly makeHome: (past: keyof typeof pasts | null) => Promise<string>
  /** A server for every test that changes nothing of it. */
  readonly shared: ServeProcess
}

async function endWell(server: ServeProcess): Promise<void> {
  if (server.process.exitCode !== null || server.process.signalCode !== null) return
  const { code, stderr } = await server.stop()
  expect(code, stderr).toBe(0)
}

async function openWatched(
  browser: Browser,
  { kept }: ServePageOptions,
): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly complaints: readonly string[] }> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints = await collectComplaints(page)
  await keepView(page, kept)
  return { context, page, complaints }
}

export const test = base.extend<ServePageOptions & ServePageFixtures, ServeWorkerFixtures>({
  kept: [{ introduced: true }, { option: true }],
  provoked: [null, { option: true }],
  makeHome: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright asks for the pattern
    async ({}, use) => {
      const root = mkdtempSync(join(tmpdir(), 'storepulse-serve-'))
      const made = new Map<string, Promise<void>>()
      let count = 0
      await use(async (past) => {
        count += 1
        const home = join(root, `home-${count}`)
        if (past === null) return home
        const template = join(root, past)
        const making = made.get(past) ?? makePast(pasts[past], template)
        made.set(past, making)
        await making
        copyPast(template, home)
        return home
      })
      rmSync(root, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  shared: [
    async ({ makeHome }, use) => {
      const server = await startServe({ home: await makeHome('day'), settings: { 'generator.rate': 30 } })
      await use(server)
      await endWell(server)
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  serve: async ({ makeHome }, use) => {
    const started: ServeProcess[] = []
    await use(async ({ past, home, ...choice }) => {
      const server = await startServe({ ...choice, home: home ?? (await makeHome(past ?? null)) })
      started.push(server)
      return server
    })
    for (const server of started) await endWell(server)
  },
  // oxlint-disable-next-line no-unused-vars -- asked for so that pages are over before their server is
  openContext: async ({ browser, kept, provoked, serve }, use) => {
    const opened: Awaited<ReturnType<typeof openWatched>>[] = []
    await use(async () => {
      const watched = await openWatched(browser, { kept, provoked })
      opened.push(watched)
      return watched.page
    })
    for (const { context, complaints } of opened) {
      await context.close()
      expect(complaints.filter((text) => provoked?.test(text) !== true)).toEqual([])
    }
  },
  // oxlint-disable-next-line no-unused-vars -- asked for so that the page is over before its server is
  page: async ({ page, kept, provoked, serve }, use) => {
    const complaints = await collectComplaints(page)
    await keepView(page, kept)
    await use(page)
    await page.close()
    expect(complaints.filter((text) => provoked?.test(text) !== true)).toEqual([])
  },
})

/** The page with its first figures, by a link. */
export async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await expect(page.locator('.state-mark')).toHaveText('Running')
}

/** The stores that sold most in the newest whole minutes, most first: they are open now. */
export async function findBusiest(home: string): Promise<readonly number[]> {
  const rows = await query<{ readonly id: number }>(
    home,
    `SELECT store_id AS id FROM transactions_summary
     WHERE window_start > (SELECT MAX(window_start) - INTERVAL 20 MINUTE FROM transactions_summary)
     GROUP BY store_id ORDER BY SUM(total_transactions) DESC`,
  )
  return rows.map(({ id }) => id)
}

/** Goes to a page of the app. */
export async function goTo(page: Page, route: string): Promise<void> {
  await page.evaluate((place) => {
    window.location.hash = place
  }, route)
}

/** The board, from the owner of the directory. */
export const readBoard = async (home: string): Promise<Board> =>
  lastJson<Board>(await runStorepulse(['status', '--json'], { home }))

/** The rows of a query, from the owner of the directory. */
export async function query<Row>(home: string, sql: string): Promise<readonly Row[]> {
  const { stdout, stderr, code } = await runStorepulse(['query', sql, '--json'], { home })
  if (code !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

export { expect } from '@playwright/test'
