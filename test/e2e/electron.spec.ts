import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, expect, type Locator, type Page, test as base } from '@playwright/test'
import { systemErrorCode } from '../../core/base/fault.ts'
import type { Board } from '../../core/protocol/board.ts'
import { prepareElectron, startDisplay } from '../support/electron.ts'
import { findSerious, places } from '../support/page/axe.ts'
import { findBusiest, goTo, query, readBoard } from '../support/serve/page-test.ts'
import { makePast, type PastChoice, pasts } from '../support/serve/serve-process.ts'
import { lastJson, runStorepulse, startStorepulse } from '../support/storepulse.ts'

/** The desktop app as it is packaged, in a real Electron, each test with a data folder of its own. */
interface AppOptions {
  /** Settings by their environment variables, and the past the app begins with; null = none, as at the first start. */
  readonly environment: Readonly<Record<string, string>>
  readonly past: PastChoice | null
}
interface AppFixtures {
  readonly home: string
  /** Starts the app on the test's data folder; whoever starts it first has to quit it before the next. */
  readonly launch: () => Promise<{ readonly app: ElectronApplication; readonly page: Page }>
  readonly app: ElectronApplication
  readonly page: Page
}
interface MachineFixtures {
  readonly machine: { readonly electron: string; readonly display: string }
}

const sandboxed = process.getuid?.() !== 0

const test = base.extend<AppOptions & AppFixtures, MachineFixtures>({
  environment: [{}, { option: true }],
  past: [pasts.busy, { option: true }],
  machine: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright asks for the pattern
    async ({}, use) => {
      const { display, stop } = await startDisplay()
      await use({ electron: prepareElectron(), display })
      stop()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  home: async ({ past }, use) => {
    const home = mkdtempSync(join(tmpdir(), 'storepulse-app-'))
    if (past) await makePast(past, home)
    await use(home)
    rmSync(home, { recursive: true, force: true })
  },
  launch: async ({ environment, home, machine: { display, electron } }, use) => {
    const complaints: string[] = []
    const started: ElectronApplication[] = []
    await use(async () => {
      const app = await _electron.launch({
        executablePath: electron,
        args: [...(sandboxed ? [] : ['--no-sandbox']), '--disable-gpu'],
        env: { ...process.env, DISPLAY: display, STOREPULSE_HOME: home, ...environment },
      })
      started.push(app)
      app.on('window', (page) => {
        page.on('pageerror', ({ message }) => complaints.push(`uncaught: ${message}`))
        page.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
        })
      })
      return { app, page: await app.firstWindow() }
    })
    for (const app of started) await app.close()
    expect(complaints).toEqual([])
  },
  app: async ({ launch }, use) => use((await launch()).app),
  page: async ({ app }, use) => use(await app.firstWindow()),
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

test.describe('a first start', () => {
  test.use({ past: null })

  test('opens its window with numbers that grow and are those of the command', async ({ home, page }) => {
    await running(page)
    const shownBefore = await readShown(page)
    const { records } = lastJson<Board>(await runStorepulse(['status', '--json'], { home }))
    expect(records.received).toBeGreaterThanOrEqual(shownBefore)
    await expect.poll(() => readShown(page)).toBeGreaterThanOrEqual(records.received)
    // The past is made in the background of the first seconds.
    await expect.poll(() => queryCount(home), { timeout: 30_000 }).toBeGreaterThan(1_000)
    const before = await queryCount(home)
    await expect.poll(() => queryCount(home), { timeout: 15_000 }).toBeGreaterThan(before)
  })
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

test('has nothing serious to mend on any page, in both themes', async ({ page }) => {
  await running(page)
  for (const theme of ['dark', 'light'] as const) {
    await goTo(page, '/settings')
    await page.getByRole('radio', { name: theme === 'dark' ? 'Dark' : 'Light' }).click()
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    for (const [route, ready] of places) {
      await goTo(page, route)
      await page.locator(ready).first().waitFor()
      expect(await findSerious(page, theme === 'dark' ? 'all' : 'of a theme', true), `${route} ${theme}`).toEqual([])
    }
  }
})

test('shows the rule at the field that breaks it and changes nothing, and saves what is right', async ({ page }) => {
  await running(page)
  await goTo(page, '/settings')
  const field = (name: string): Locator => page.getByLabel(name, { exact: true })
  const row = (name: string): Locator => page.locator('.setting').filter({ has: field(name) })
  await field('window.latenessMs').fill('-4')
  await field('warehouse.retentionDays').fill('nonsense')
  await field('display.currency').fill('EUR')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('nothing was saved: 2 values break a rule')).toBeVisible()
  await expect(row('window.latenessMs')).toContainText('must be at least 0')
  await expect(row('warehouse.retentionDays')).toContainText('must be a number')
  await page.reload()
  await expect(field('window.latenessMs')).toHaveValue('600000')
  await expect(field('display.currency')).toHaveValue('USD')
  await field('display.currency').fill('EUR')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.save-outcome')).toContainText('saved')
  await goTo(page, '/overview')
  await expect(page.locator('.tile-figure').nth(1)).toHaveText(/^€/)
})

interface Told {
  readonly kind: 'shown' | 'closed'
  readonly title: string
  readonly body: string
}

/**
 * Writes down what the desktop is told, in place of telling it. A notification has its methods for itself, not from its
 * class: each is caught when the app asks to hear of clicks on it.
 */
const interceptNotifications = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ Notification }) => {
    const told: Told[] = []
    const caught: Electron.Notification[] = []
    Reflect.set(globalThis, 'told', told)
    Reflect.set(globalThis, 'caught', caught)
    Notification.isSupported = () => true
    const listen = Notification.prototype.on
    Reflect.set(
      Notification.prototype,
      'on',
      function on(this: Electron.Notification, event: string, hear: () => void) {
        if (event === 'click') {
          caught.push(this)
          this.show = () => void told.push({ kind: 'shown', title: this.title, body: this.body })
          this.close = () => void told.push({ kind: 'closed', title: this.title, body: this.body })
        }
        return Reflect.apply(listen, this, [event, hear])
      },
    )
  })

/** Clicks the first notification there was. */
const clickNotification = (app: ElectronApplication): Promise<void> =>
  app.evaluate(() => {
    const [first] = Reflect.get(globalThis, 'caught') as Electron.Notification[]
    first?.emit('click')
  })

const readTold = (app: ElectronApplication): Promise<readonly Told[]> =>
  app.evaluate(() => Reflect.get(globalThis, 'told') as Told[])

test.describe('a store that falls silent', () => {
  test.use({
    environment: {
      STOREPULSE_GENERATOR_RATE: '120',
      STOREPULSE_ALERTS_SILENCE_MS: '1000',
      STOREPULSE_GENERATOR_DISORDER_SILENT_FOR_MS: '15000',
      STOREPULSE_GENERATOR_DISORDER_SILENT_EVERY_MS: '30000',
    },
  })

  test('is an alarm on the page and on the desktop, and over by itself', async ({ environment, home, launch }) => {
    const [busiest = 0] = await findBusiest(home)
    Object.assign(environment, { STOREPULSE_GENERATOR_DISORDER_SILENT_STORE: String(busiest) })
    const { app, page } = await launch()
    await interceptNotifications(app)
    await running(page)
    const told = (kind: Told['kind']): Promise<readonly Told[]> =>
      readTold(app).then((all) => all.filter((one) => one.kind === kind))
    // One that fires already when the app starts is on the page, and no news for the desktop.
    await expect.poll(() => told('shown'), { timeout: 80_000 }).not.toEqual([])
    const [notification] = await told('shown')
    expect(notification?.body).toMatch(/^(.+) is silent: no sale for \d+ s, usual gap \d+ s$/)
    await expect(page.locator('.alerts .alert-message').first()).toContainText(/ is silent/)
    await expect(page.locator('.leaders tbody tr').first()).toContainText(/silent \d+\ss/)
    await clickNotification(app)
    await expect(page.getByRole('dialog')).toContainText('usual gap between sales')
    await goTo(page, '/overview')
    await expect.poll(() => told('closed'), { timeout: 40_000 }).not.toEqual([])
    await expect(page.locator('.alerts')).toContainText('none firing')
  })
})

/** The state the page shows, asked by main: Playwright does not follow a page over its crash. */
const readState = (app: ElectronApplication): Promise<string> =>
  app.evaluate(async ({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    if (!window || window.webContents.isCrashed() || window.webContents.isLoading()) return ''
    return window.webContents.executeJavaScript(`document.querySelector('.state-mark')?.textContent ?? ''`)
  })

test('loads its page again when the page’s process crashes, on the same engine', async ({ app, page }) => {
  await running(page)
  const engine = await findEngine(app)
  const crashed = page.waitForEvent('crash')
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer())
  await crashed
  await expect.poll(() => readState(app), { timeout: 30_000 }).toBe('Running')
  expect(await findEngine(app)).toBe(engine)
})

test('goes on where it was after the machine has slept', async ({ app, home, page }) => {
  await running(page)
  const engine = await findEngine(app)
  await app.evaluate(({ powerMonitor }) => void powerMonitor.emit('suspend'))
  const before = (await readBoard(home)).records.received
  await expect.poll(async () => (await readBoard(home)).records.received).toBeGreaterThan(before)
  await app.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'))
  await expect.poll(() => readShown(page)).toBeGreaterThan(before)
  await running(page)
  await expect(page.locator('.identity-mark')).toHaveText('exact')
  expect(await findEngine(app)).toBe(engine)
})

test('opens where and as it was left', async ({ launch }) => {
  const left = { x: 60, y: 40, width: 1100, height: 720 }
  const first = await launch()
  await running(first.page)
  await first.page.getByRole('button', { name: /^Theme/ }).click()
  await expect(first.page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await first.page.getByRole('radio', { name: 'last 6 hours' }).click()
  await first.app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), left)
  await first.app.close()
  const second = await launch()
  await running(second.page)
  const found = await second.app.evaluate(({ BrowserWindow, nativeTheme }) => ({
    bounds: BrowserWindow.getAllWindows()[0]?.getBounds(),
    theme: nativeTheme.themeSource,
  }))
  expect(found).toEqual({ bounds: left, theme: 'dark' })
  await expect(second.page.getByRole('heading', { name: 'Revenue per 5 minutes' })).toBeVisible()
})

test('quits with everything committed that was appended', async ({ environment, home, launch }) => {
  const first = await launch()
  await running(first.page)
  const engine = await findEngine(first.app)
  await expect.poll(() => readShown(first.page)).toBeGreaterThan(0)
  const shown = await readShown(first.page)
  await first.app.close()
  expect(() => process.kill(engine, 0)).toThrow()
  const board = await readBoard(home)
  expect(board.records.received).toBeGreaterThanOrEqual(shown)
  expect(board.lag.records).toBe(0)
  const [stored] = await query<{ readonly n: string }>(
    home,
    'SELECT SUM(total_transactions) AS n FROM transactions_summary',
  )
  expect(Number(stored?.n)).toBe(board.perTopic['retail-transactions']?.counted)
  Object.assign(environment, { STOREPULSE_GENERATOR_ENABLED: 'false' })
  const second = await launch()
  await running(second.page)
  await expect.poll(() => readShown(second.page)).toBe(board.records.received)
})

test('opens another profile, remembers it, and keeps no secret where there is no keyring', async ({ launch }) => {
  const first = await launch()
  await running(first.page)
  await goTo(first.page, '/connections')
  await first.page.getByRole('button', { name: 'New profile' }).click()
  const dialog = first.page.getByRole('dialog', { name: 'New profile' })
  await dialog.getByRole('radio', { name: /^This computer/ }).check()
  await dialog.getByLabel('Title').fill('Second till')
  await dialog.getByRole('button', { name: 'Create' }).click()
  const engine = await findEngine(first.app)
  await first.page.getByRole('button', { name: 'Open', exact: true }).click()
  const switcher = (page: Page): Locator => page.getByRole('button', { name: /^Profile: / })
  await expect(switcher(first.page)).toHaveText('Second till', { timeout: 30_000 })
  await running(first.page)
  expect(await findEngine(first.app)).not.toBe(engine)
  await goTo(first.page, '/connections/watch')
  await first.page.getByLabel('Protection').selectOption('sasl_ssl')
  await expect(first.page.locator('.connection')).toContainText('STOREPULSE_KAFKA_SASL_PASSWORD')
  await expect(first.page.locator('.connection-note')).toContainText('no keyring')
  await first.app.close()
  const second = await launch()
  await running(second.page)
  await expect(switcher(second.page)).toHaveText('Second till')
})
