import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, expect, type Page, test as base } from '@playwright/test'
import { systemErrorCode } from '../../core/base/fault.ts'
import type { Board } from '../../core/protocol/board.ts'
import { prepareElectron, startDisplay } from '../support/electron.ts'
import { lastJson, runStorepulse, startStorepulse } from '../support/storepulse.ts'

/** The desktop app in a real Electron, each test with a data folder of its own. */
interface AppFixtures {
  readonly home: string
  readonly app: ElectronApplication
  readonly page: Page
}
interface MachineFixtures {
  readonly machine: { readonly electron: string; readonly display: string }
}

const sandboxed = process.getuid?.() !== 0

const test = base.extend<AppFixtures, MachineFixtures>({
  machine: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright asks for the pattern
    async ({}, use) => {
      const { display, stop } = await startDisplay()
      await use({ electron: prepareElectron(), display })
      stop()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  // oxlint-disable-next-line no-empty-pattern -- Playwright asks for the pattern
  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'storepulse-app-'))
    await use(home)
    rmSync(home, { recursive: true, force: true })
  },
  app: async ({ home, machine: { display, electron } }, use) => {
    const app = await _electron.launch({
      executablePath: electron,
      args: [...(sandboxed ? [] : ['--no-sandbox']), '--disable-gpu'],
      env: { ...process.env, DISPLAY: display, STOREPULSE_HOME: home },
    })
    await use(app)
    await app.close()
  },
  page: async ({ app }, use) => {
    const complaints: string[] = []
    app.on('window', (page) => {
      page.on('pageerror', ({ message }) => complaints.push(`uncaught: ${message}`))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
      })
    })
    const page = await app.firstWindow()
    await use(page)
    expect(complaints).toEqual([])
  },
})

test.describe.configure({ mode: 'default', timeout: 90_000 })

const running = async (page: Page): Promise<void> => {
  await expect(page.locator('.state-mark')).toHaveText('Running', { timeout: 60_000 })
}

const findEngine = (app: ElectronApplication): Promise<number> =>
  app.evaluate(
    ({ app: electron }) => electron.getAppMetrics().find(({ name }) => name === 'Storepulse engine')?.pid ?? 0,
  )

const queryCount = async (home: string): Promise<number> => {
  const answer = await runStorepulse(
    ['query', 'SELECT SUM(total_transactions) AS n FROM transactions_summary', '--json'],
    { home },
  )
  return Number(lastJson<{ readonly n: string }>(answer).n)
}

const readShown = async (page: Page): Promise<number> => {
  const text = await page.getByText(/[\d,]+ counted of [\d,]+ received/).innerText()
  return Number(/of ([\d,]+) received/.exec(text)?.[1]?.replaceAll(',', ''))
}

test('opens its window with numbers that grow and are those of the command', async ({ home, page }) => {
  await running(page)
  const shownBefore = await readShown(page)
  const { records } = lastJson<Board>(await runStorepulse(['status', '--json'], { home }))
  expect(records.received).toBeGreaterThanOrEqual(shownBefore)
  await expect.poll(() => readShown(page)).toBeGreaterThanOrEqual(records.received)
  const before = await queryCount(home)
  expect(before).toBeGreaterThan(1_000)
  await expect.poll(() => queryCount(home), { timeout: 15_000 }).toBeGreaterThan(before)
})

test('shows the page nothing of Electron but its bridge', async ({ page }) => {
  const found = await page.evaluate(() => ({
    bridge: Object.keys(Reflect.get(window, 'storepulse') as object).toSorted(),
    leaks: ['require', 'process', 'module', 'ipcRenderer', 'Buffer'].filter((name) => name in window),
    origin: location.origin,
  }))
  expect(found).toEqual({
    bridge: ['connect', 'onOpenRoute', 'platform', 'setTheme', 'versions'],
    leaks: [],
    origin: 'app://storepulse',
  })
})

/** One death is made good before anybody sees it: kills every engine that comes up within a time. */
async function keepKilling(app: ElectronApplication, durationMs: number): Promise<void> {
  const untilMs = Date.now() + durationMs
  while (Date.now() < untilMs) {
    const engine = await findEngine(app)
    try {
      if (engine > 0) process.kill(engine, 'SIGKILL')
    } catch (error) {
      // It was about to end, and has.
      if (systemErrorCode(error) !== 'ESRCH') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('keeps its page when the engine is killed, says so, and recovers by itself', async ({ app, home, page }) => {
  await running(page)
  const engine = await findEngine(app)
  const counted = await queryCount(home)
  await keepKilling(app, 6_000)
  await expect(page.locator('.state-mark')).not.toHaveText('Running', { timeout: 1_000 })
  await expect(page.locator('.tile-figure').first()).not.toBeEmpty()
  await running(page)
  expect(await findEngine(app)).not.toBe(engine)
  await expect(page.locator('.alerts')).toContainText('the engine was restarted: it ended with exit code')
  expect(await queryCount(home)).toBeGreaterThanOrEqual(counted)
})

test('lists the processes of the app on the Pipeline page', async ({ app, page }) => {
  await running(page)
  await page.getByRole('link', { name: 'Pipeline' }).click()
  const table = page.locator('.processes-table')
  for (const name of ['engine', 'app', 'page'])
    await expect(table.getByRole('rowheader', { name, exact: true })).toBeVisible()
  const engine = await findEngine(app)
  await expect(table.getByRole('row').filter({ hasText: String(engine) })).toHaveCount(1)
})

test('goes on with the same engine when the page is loaded again', async ({ app, page }) => {
  await running(page)
  const engine = await findEngine(app)
  await page.reload()
  await running(page)
  expect(await findEngine(app)).toBe(engine)
})

test('opens a second window on the same engine, and lets it go', async ({ app, page }) => {
  await running(page)
  const [second] = await Promise.all([
    app.waitForEvent('window'),
    app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items[0]?.submenu?.items[0]?.click()),
  ])
  await running(second)
  await second.close()
  await expect(page.locator('.state-mark')).toHaveText('Running')
})

test('brings its window to the front at a second start, which ends', async ({ app, home, machine, page }) => {
  await running(page)
  const { code, stderr } = await startStorepulse(['start', ...(sandboxed ? [] : ['--no-sandbox'])], {
    home,
    environment: { DISPLAY: machine.display, ELECTRON_OVERRIDE_DIST_PATH: join(machine.electron, '..') },
  }).finished
  expect(code).toBe(0)
  expect(stderr).not.toContain('no window')
  expect(app.windows()).toHaveLength(1)
})
