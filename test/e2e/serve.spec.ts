import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Locator, Page } from '@playwright/test'
import { ask } from '../support/http-client.ts'
import { expect, findBusiest, goTo, query, readBoard, signIn, test } from '../support/serve/page-test.ts'

const state = (page: Page): Locator => page.locator('.state-mark')
const notice = (page: Page): Locator => page.locator('.notice-bar')
const tile = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
const counted = (page: Page): Locator => page.locator('.identity-counted')

const readNumber = (text: string | undefined): number => Number(text?.replaceAll(',', ''))

/** What the page says it received. */
async function readReceived(page: Page): Promise<number> {
  return readNumber(/of ([\d,]+) received/.exec(await counted(page).innerText())?.[1])
}

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 })
const whole = new Intl.NumberFormat('en-US')

test('signs in by the printed link, and shows numbers that grow and are those of the command', async ({
  page,
  shared,
}) => {
  await signIn(page, await shared.mintLink('operate'))
  await expect(page).toHaveURL(`${shared.url}/#/overview`)
  const shown = await readReceived(page)
  const { records } = await readBoard(shared.home)
  expect(shown).toBeLessThanOrEqual(records.received)
  await expect.poll(() => readReceived(page)).toBeGreaterThanOrEqual(records.received)
  await page.reload()
  await expect(state(page)).toHaveText('Running')
  await expect(page.locator('.identity-mark')).toHaveText('exact')
})

test('shows to the last digit what the warehouse holds once no more events are made', async ({ page, serve }) => {
  const server = await serve({ past: 'busy', args: ['--no-generator'] })
  await signIn(page, server.link)
  const board = await readBoard(server.home)
  await expect(counted(page)).toHaveText(
    `${whole.format(board.records.counted)} counted of ${whole.format(board.records.received)} received`,
  )
  const [all] = await query<{ readonly n: string }>(
    server.home,
    'SELECT SUM(total_transactions) AS n FROM transactions_summary',
  )
  expect(Number(all?.n)).toBe(board.perTopic['retail-transactions']?.counted)
  await goTo(page, '/quality')
  const topic = page.getByRole('row').filter({ hasText: 'retail-transactions' }).first()
  await expect(topic.getByRole('cell').nth(1)).toHaveText(whole.format(Number(all?.n)))
  await goTo(page, '/stores')
  const stores = await query<{ readonly id: number; readonly revenue: string; readonly n: string }>(
    server.home,
    `SELECT store_id AS id, SUM(total_revenue) AS revenue, SUM(total_transactions) AS n FROM transactions_summary
     GROUP BY store_id`,
  )
  expect(stores.length).toBeGreaterThan(5)
  for (const { id, revenue, n } of stores) {
    const row = page.locator('.stores-table tr').filter({ has: page.locator(`a[href="#/stores/${id}"]`) })
    await expect(row).toContainText(dollars.format(Number(revenue)))
    await expect(row).toContainText(whole.format(Number(n)))
  }
})

test('changes theme, range and comparison, holds the screen, and keeps what was chosen', async ({ page, shared }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await signIn(page, await shared.mintLink('operate'))
  const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset['theme'])
  expect(await theme()).toBe('dark')
  await page.getByRole('button', { name: 'Theme: System' }).click()
  await page.getByRole('button', { name: 'Theme: Dark' }).click()
  expect(await theme()).toBe('light')
  await page.getByRole('radio', { name: 'last 6 hours' }).click()
  await expect(page.getByRole('heading', { name: 'Revenue per 5 minutes' })).toBeVisible()
  const compare = page.getByRole('button', { name: 'Yesterday' })
  await expect(compare).toHaveAttribute('aria-disabled', 'false')
  await compare.click()
  await expect(page.locator('.legend').getByText('yesterday')).toBeVisible()
  await expect(tile(page, 'Revenue, last hour').locator('.tile-beside')).toContainText(/[+−]?[\d,]+\.\d%/)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Revenue per 5 minutes' })).toBeVisible()
  await expect(page.locator('.legend').getByText('yesterday')).toBeVisible()
  expect(await theme()).toBe('light')
  await page.getByRole('button', { name: 'Hold the screen' }).click()
  await expect(notice(page)).toContainText('Held at')
  const held = await counted(page).innerText()
  const { records } = await readBoard(shared.home)
  await expect.poll(async () => (await readBoard(shared.home)).records.received).toBeGreaterThan(records.received)
  expect(await counted(page).innerText()).toBe(held)
  await page.getByRole('button', { name: 'Let the screen go on' }).click()
  await expect.poll(() => readReceived(page)).toBeGreaterThan(records.received)
})

test('opens a store’s sheet with figures of its own', async ({ page, shared }) => {
  await signIn(page, await shared.mintLink('operate'))
  const first = page.locator('.leaders tbody tr').first().getByRole('link')
  const name = await first.innerText()
  await first.click()
  const sheet = page.getByRole('dialog', { name })
  await expect(sheet).toContainText(/usual gap between sales|learned/)
  await expect(sheet.locator('canvas').first()).toBeVisible()
  const id = /stores\/(\d+)$/.exec(page.url())?.[1]
  const [stored] = await query<{ readonly n: string }>(
    shared.home,
    `SELECT SUM(total_transactions) AS n FROM transactions_summary WHERE store_id = ${id}
     AND window_start > (SELECT MAX(window_start) FROM transactions_summary) - INTERVAL 60 MINUTE`,
  )
  const sales = sheet.locator('.fact', { hasText: 'Sales' }).locator('dd')
  // Within the minute that may just have passed.
  await expect.poll(async () => Math.abs(readNumber(await sales.innerText()) - Number(stored?.n))).toBeLessThan(200)
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/#\/stores$/)
})

test.describe('a refused sign-in', () => {
  // Chromium tells of the answer 401 by itself.
  test.use({ provoked: /the server responded with a status of 401/ })

  test('lets a link sign in once only', async ({ openContext, serve }) => {
    const server = await serve({ past: 'busy', settings: { 'generator.rate': 30 } })
    const first = await openContext()
    await signIn(first, server.link)
    const second = await openContext()
    await second.goto(server.link)
    await expect(second.getByRole('status')).toHaveText('This link was used already, or is older than ten minutes.')
    await expect(second).toHaveURL(`${server.url}/`)
    await second.reload()
    await expect(second.getByRole('status')).toHaveText('Open the sign-in link that the terminal shows.')
    await second.goto(await server.mintLink('operate'))
    await expect(state(second)).toHaveText('Running')
  })
})

test.describe('requests that are not those of the page', () => {
  test('refuses another Host and another Origin', async ({ shared }) => {
    const { port } = shared
    for (const host of ['sales.example.com', `sales.example.com:${port}`, 'localhost', `127.0.0.1:${port + 1}`]) {
      const answer = await ask(port, '/', { headers: { Host: host } })
      expect([answer.status, answer.body], host).toEqual([421, ''])
    }
    for (const origin of [
      'http://sales.example.com',
      `http://127.0.0.1:${port + 1}`,
      `https://127.0.0.1:${port}`,
      'null',
    ]) {
      const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
      const key = { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
      const feed = await ask(port, '/feed', { headers: { Origin: origin, ...upgrade, ...key } })
      const exchange = await ask(port, '/session', { method: 'POST', headers: { Origin: origin }, body: '{}' })
      expect([feed.status, feed.body, exchange.status, exchange.body], origin).toEqual([403, '', 403, ''])
    }
  })

  test.describe('of another page in the same browser', () => {
    test.use({ provoked: /WebSocket connection|Failed to load resource|blocked by CORS policy/ })

    test('gives nothing to another page of the same browser, signed in as it is', async ({ page, shared }) => {
      await signIn(page, await shared.mintLink('operate'))
      const other = createServer((_request, response) => response.end('<!doctype html>')).listen(0, '127.0.0.1')
      await once(other, 'listening')
      const address = other.address()
      await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
      const got = await page.evaluate(async (url) => {
        const answer = await fetch(`${url}/`, { credentials: 'include' }).then(
          () => 'answered',
          () => 'refused',
        )
        const feed = await new Promise<string>((resolve) => {
          const socket = new WebSocket(`${url.replace('http', 'ws')}/feed`)
          socket.addEventListener('open', () => resolve('open'))
          socket.addEventListener('error', () => resolve('refused'))
        })
        return { answer, feed }
      }, shared.url)
      other.close()
      other.closeAllConnections()
      expect(got).toEqual({ answer: 'refused', feed: 'refused' })
    })
  })
})

test('shows two windows the same numbers, and lets the one that may look only look', async ({
  openContext,
  shared,
}) => {
  const operator = await openContext()
  const viewer = await openContext()
  await signIn(operator, await shared.mintLink('operate'))
  await signIn(viewer, await shared.mintLink('view'))
  await expect(viewer.locator('.figures')).toContainText('view only')
  await expect(operator.locator('.figures')).not.toContainText('view only')
  const { records } = await readBoard(shared.home)
  for (const page of [operator, viewer]) {
    await expect.poll(() => readReceived(page)).toBeGreaterThanOrEqual(records.received)
    await goTo(page, '/settings')
  }
  const rate = (page: Page): Locator => page.getByLabel('window.latenessMs', { exact: true })
  await expect(rate(operator)).toBeEnabled()
  await expect(rate(viewer)).toBeDisabled()
  await expect(viewer.getByRole('button', { name: 'Save' })).toHaveCount(0)
  await goTo(viewer, '/quality')
  await expect(viewer.locator('.topics-table tfoot')).toBeVisible()
  await expect(viewer.getByRole('button', { name: /Re-admit|Purge/ })).toHaveCount(0)
})

/** What the test's own page has been told by constructing notifications. */
const readNotifications = (page: Page): Promise<readonly { readonly title: string; readonly body: string }[]> =>
  page.evaluate(() => Reflect.get(window, 'notifications') as { title: string; body: string }[])

test('raises the alarm for a store that falls silent everywhere it is looked for, and lets it go', async ({
  context,
  makeHome,
  page,
  serve,
}) => {
  test.setTimeout(120_000)
  await page.addInitScript(() => {
    const told: unknown[] = []
    Reflect.set(window, 'notifications', told)
    const Real = window.Notification
    window.Notification = new Proxy(Real, {
      construct(target, [title, options]: [string, NotificationOptions]) {
        told.push({ title, body: options.body })
        return Reflect.construct(target, [title, options])
      },
    })
  })
  const home = await makeHome('busy')
  const [busiest = 0] = await findBusiest(home)
  const server = await serve({
    home,
    settings: {
      'generator.rate': 120,
      'alerts.silenceMs': 1_000,
      'generator.disorder.silentStore': busiest,
      'generator.disorder.silentForMs': 15_000,
      'generator.disorder.silentEveryMs': 30_000,
    },
  })
  await context.grantPermissions(['notifications'], { origin: server.url })
  await signIn(page, server.link)
  const alerts = page.locator('.alerts')
  await expect(alerts).toContainText('1 firing', { timeout: 60_000 })
  const message = alerts.locator('.alert-message').first()
  await expect(message).toContainText(/ is silent: no sale for \d+\ss, usual gap \d+\ss/)
  const name = (await message.innerText()).replace(/ is silent.*/, '')
  await expect(tile(page, 'Active customers')).toContainText('1 store silent')
  await expect(page.locator('.legend')).toContainText('fell silent')
  await expect(page.locator('.leaders tbody tr').first()).toContainText(name)
  await expect(page.locator('.leaders tbody tr').first()).toContainText(/silent \d+\ss/)
  await expect(page.locator('.toast')).toContainText(`${name} is silent`)
  await expect
    .poll(() => readNotifications(page))
    .toContainEqual({ title: 'Storepulse', body: expect.stringContaining(`${name} is silent`) })
  await expect(alerts).toContainText('none firing', { timeout: 40_000 })
  await expect(alerts).toContainText(/resolved \d\d:\d\d/)
})

test('shows the rule at the field that breaks it and changes nothing, and saves what is right', async ({
  page,
  serve,
}) => {
  const server = await serve({ past: 'busy', settings: { 'generator.rate': 30 } })
  await signIn(page, server.link)
  await goTo(page, '/settings')
  const field = (name: string): Locator => page.getByLabel(name, { exact: true })
  const row = (name: string): Locator => page.locator('.setting').filter({ has: field(name) })
  await expect(field('generator.rate')).toBeDisabled()
  await field('window.latenessMs').fill('-4')
  await field('warehouse.retentionDays').fill('nonsense')
  await field('events.zone').fill('Nowhere/Town')
  await field('display.currency').fill('EUR')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('nothing was saved: 3 values break a rule')).toBeVisible()
  await expect(row('window.latenessMs')).toContainText('must be at least 0')
  await expect(row('warehouse.retentionDays')).toContainText('must be a number')
  await expect(row('events.zone')).toContainText('must be an IANA time zone')
  await expect(row('display.currency').getByRole('alert')).toHaveCount(0)
  await page.reload()
  await expect(field('window.latenessMs')).toHaveValue('600000')
  await expect(field('display.currency')).toHaveValue('USD')
  await field('display.currency').fill('EUR')
  await field('alerts.silenceMs').fill('600000')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.save-outcome')).toContainText('saved')
  await goTo(page, '/overview')
  await expect(tile(page, 'Revenue, last hour').locator('.tile-figure')).toHaveText(/^€/)
  await page.reload()
  await goTo(page, '/settings')
  await expect(field('alerts.silenceMs')).toHaveValue('600000')
  await expect(row('alerts.silenceMs')).toContainText('changed')
  const deed = page.getByRole('list', { name: 'Who changed what' }).getByRole('listitem').first()
  await expect(deed).toContainText('saved settings profile local')
  await expect(deed).toContainText('alerts.silenceMs: 300000 → 600000; display.currency: USD → EUR')
  await expect(deed).toContainText(/operate session [0-9a-f]{8}/)
})

test.describe('a server that dies', () => {
  test.use({ provoked: /WebSocket connection|Failed to load resource/ })

  test('keeps its last numbers, says so within five seconds, and recovers by itself', async ({ page, serve }) => {
    test.setTimeout(120_000)
    const settings = { 'generator.rate': 60 }
    const server = await serve({ past: 'busy', settings })
    await signIn(page, server.link)
    const revenue = tile(page, 'Revenue, last hour').locator('.tile-figure')
    await expect(revenue).toHaveText(/^\$[\d,]+$/)
    const before = await readReceived(page)
    await server.kill()
    await expect(state(page)).toHaveText(/Disconnected|Stale/, { timeout: 5_000 })
    await expect(notice(page)).toContainText(/Disconnected|these are the last numbers/)
    await expect(revenue).toHaveText(/^\$[\d,]+$/)
    expect(await readReceived(page)).toBeGreaterThanOrEqual(before)
    await goTo(page, '/stores')
    await goTo(page, '/overview')
    await expect(revenue).toHaveText(/^\$[\d,]+$/)
    const again = await serve({ home: server.home, port: server.port, settings })
    await expect(state(page)).toHaveText('Running', { timeout: 40_000 })
    await expect(notice(page)).toBeHidden()
    const { records } = await readBoard(again.home)
    expect(records.received).toBeGreaterThanOrEqual(before)
    await expect.poll(() => readReceived(page)).toBeGreaterThanOrEqual(records.received)
    await expect(page.locator('.identity-mark')).toHaveText('exact')
  })
})
