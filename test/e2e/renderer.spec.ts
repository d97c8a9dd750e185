import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../support/demo-host/page-test.ts'

const tile = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
const state = (page: Page): Locator => page.locator('.state-mark')
const notice = (page: Page): Locator => page.locator('.notice-bar')

/** What a chart has painted, as pixels that are not its background. */
const countPainted = (page: Page): Promise<number> =>
  page.locator('.trade canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
    return data.filter((value, index) => index % 4 === 3 && value > 0).length
  })

test('shows five live figures that agree with each other', async ({ page, open }) => {
  await open('/overview')
  const records = page.locator('.identity-counted strong')
  const before = await records.textContent()
  await expect(records).not.toHaveText(before ?? '')
  for (const name of [
    'Transactions per minute',
    'Revenue, last hour',
    'Active customers',
    'Latency, event to row',
    'Data quality',
  ]) {
    await expect(tile(page, name).locator('.tile-figure')).not.toHaveText('—')
    await expect(tile(page, name).locator('.sparkline-line')).toHaveAttribute('d', /^M/)
  }
  await expect(page.locator('.identity-mark')).toHaveText('exact')
  await expect(tile(page, 'Transactions per minute')).toContainText(/[+−]\d+\.\d%/)
})

test('draws the bars of the range, and another range when asked', async ({ page, open }) => {
  await open('/overview')
  await expect.poll(() => countPainted(page)).toBeGreaterThan(10_000)
  await page.getByRole('radio', { name: 'last 6 hours' }).click()
  await expect(page.getByRole('heading', { name: 'Revenue per 5 minutes' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Stores, last 6 hours' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Revenue per 5 minutes' })).toBeVisible()
})

test('tells the figures of a step under the pointer and under the arrow keys', async ({ page, open }) => {
  await open('/overview')
  const chart = page.getByRole('group', { name: 'Revenue and transactions, last hour' })
  await expect.poll(() => countPainted(page)).toBeGreaterThan(10_000)
  await chart.hover({ position: { x: 200, y: 120 } })
  await expect(page.locator('.chart-tooltip')).toContainText(/Revenue\$[\d,.]+Transactions\d+/)
  await page.mouse.move(5, 5)
  await expect(page.locator('.chart-tooltip')).toBeHidden()
  await chart.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByRole('status').filter({ hasText: 'may still change' })).toBeVisible()
  await page.keyboard.press('Home')
  await expect(page.getByRole('status').filter({ hasText: 'final' })).toBeVisible()
})

test('compares with yesterday by button and key', async ({ page, open }) => {
  await open('/overview')
  const toggle = page.getByRole('button', { name: 'Yesterday' })
  await expect(toggle).toHaveAttribute('aria-disabled', 'false')
  await page.keyboard.press('c')
  await expect(toggle).toHaveAttribute('aria-pressed', 'true')
  await expect(page.locator('.legend').getByText('yesterday')).toBeVisible()
  await toggle.click()
  await expect(page.locator('.legend').getByText('yesterday')).toBeHidden()
})

test('puts a silent store on top, in words, and raises an alarm when one falls silent', async ({
  page,
  host,
  open,
}) => {
  host.setAlerts([])
  await open('/overview')
  const first = page.locator('.leaders tbody tr').first()
  await expect(first).toContainText('Malmö Triangeln')
  await expect(first).toContainText(/silent \d+\smin/)
  host.setAlerts([host.silentAlert()])
  const toast = page
    .getByRole('listitem')
    .filter({ hasText: 'Malmö Triangeln is silent' })
    .filter({ hasText: 'Open the store' })
  await expect(toast).toBeVisible()
  await expect(page.locator('.alerts')).toContainText('1 firing')
  await expect(tile(page, 'Active customers')).toContainText('1 store silent')
  await expect(page.locator('.legend')).toContainText('fell silent')
  await toast.getByRole('button', { name: 'Open the store' }).click()
  await expect(page.getByRole('dialog', { name: 'Malmö Triangeln' })).toContainText(/silent for \d+\smin/)
})

test('holds the screen and lets it go on', async ({ page, open }) => {
  await open('/overview')
  const records = page.locator('.identity-counted strong')
  await page.keyboard.press('Space')
  await expect(notice(page)).toContainText('Held at')
  const held = await records.textContent()
  await page.waitForTimeout(1_500)
  await expect(records).toHaveText(held ?? '')
  await page.getByRole('button', { name: 'Let the screen go on' }).click()
  await expect(notice(page)).toBeHidden()
  await expect(records).not.toHaveText(held ?? '')
})

test('keeps the theme that was chosen', async ({ page, open }) => {
  await open('/overview')
  const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset['theme'])
  await page.getByRole('button', { name: 'Theme: System' }).click()
  expect(await theme()).toBe('dark')
  await page.getByRole('button', { name: 'Theme: Dark' }).click()
  expect(await theme()).toBe('light')
  await page.reload()
  await expect(page.getByRole('button', { name: 'Theme: Light' })).toBeVisible()
  expect(await theme()).toBe('light')
})

test('shifts nothing while figures move', async ({ page, open }) => {
  await open('/overview')
  await expect.poll(() => countPainted(page)).toBeGreaterThan(10_000)
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += Number(Reflect.get(entry, 'value'))
        }).observe({ type: 'layout-shift' })
        setTimeout(() => resolve(sum), 3_000)
      }),
  )
  expect(shift).toBeLessThan(0.001)
})

test('reports when a board was painted, once a second at most', async ({ host, open, page }) => {
  await open('/overview')
  const countReports = (): number => host.received.filter((command) => command === 'reportPainted').length
  const before = countReports()
  const sinceMs = performance.now()
  await expect.poll(countReports).toBeGreaterThanOrEqual(before + 3)
  expect(countReports() - before).toBeLessThanOrEqual((performance.now() - sinceMs) / 1_000 + 1)
  await expect(page.locator('.hop').last()).not.toContainText('—')
})

test.describe('a host in trouble', () => {
  test.use({ provoked: /WebSocket connection|Failed to load resource/ })

  test('says stale within six seconds, keeps the numbers, and recovers by itself', async ({ page, host, open }) => {
    await open('/overview')
    const revenue = tile(page, 'Revenue, last hour').locator('.tile-figure')
    host.stall(true)
    await expect(state(page)).toHaveText('Stale', { timeout: 6_500 })
    await expect(notice(page)).toContainText('these are the last numbers')
    await expect(revenue).toHaveText(/^\$[\d,]+$/)
    host.stall(false)
    await expect(state(page)).toHaveText('Running')
    await expect(notice(page)).toBeHidden()
  })

  test('says disconnected, keeps the numbers, and connects anew', async ({ page, host, open }) => {
    await open('/overview')
    host.goDown(true)
    await expect(notice(page)).toContainText('Disconnected')
    await expect(state(page)).toHaveText('Disconnected')
    await expect(tile(page, 'Revenue, last hour').locator('.tile-figure')).toHaveText(/^\$[\d,]+$/)
    await notice(page).getByRole('button', { name: 'Try now' }).click()
    host.goDown(false)
    await expect(notice(page)).toBeHidden()
    await expect(state(page)).toHaveText('Running')
  })

  test('says signed out when the session ends, and where to sign in', async ({ page, host, open }) => {
    await open('/overview')
    host.endSessions()
    await expect(state(page)).toHaveText('Signed out')
    await expect(notice(page).getByRole('button', { name: 'Sign in' })).toBeVisible()
  })

  test('tells why the pipeline does not run', async ({ page, host, open }) => {
    await open('/overview')
    host.setState('faulted', 'the disk of the data directory is full; free 200 MB to go on')
    await expect(state(page)).toHaveText('Faulted')
    await expect(notice(page)).toContainText('free 200 MB to go on')
  })
})

test.describe('nothing there yet', () => {
  test.use({ demo: { isEmpty: true }, kept: {} })

  test('explains itself in three lines, once', async ({ page, open }) => {
    await open('/overview')
    const intro = page.getByRole('region', { name: 'First run' })
    await expect(intro.locator('ol > li')).toHaveCount(3)
    await intro.getByRole('button', { name: 'Got it' }).click()
    await expect(intro).toBeHidden()
    await page.reload()
    await expect(state(page)).toHaveText('Running')
    await expect(intro).toBeHidden()
  })

  test('says on every page what is missing and what makes it come', async ({ page, open }) => {
    await open('/overview')
    await expect(page.getByText('nothing sold in this range yet')).toBeVisible()
    await expect(page.getByText('all is quiet')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Yesterday' })).toHaveAttribute('aria-disabled', 'true')
    await page.keyboard.press('2')
    await expect(page.getByText('no store yet')).toBeVisible()
    await page.keyboard.press('3')
    await expect(page.getByText('no record was rejected')).toBeVisible()
    await page.keyboard.press('4')
    await expect(page.getByText('the log is empty')).toBeVisible()
  })
})

test.describe('a past in the making', () => {
  test.use({ demo: { backfillMs: 4_000 }, kept: {} })

  test('shows how much of it is made, until it is', async ({ page, open }) => {
    await open('/overview')
    await expect(page.locator('.figures')).toContainText(/Making the past \d+%/)
    await expect(page.locator('.figures')).not.toContainText('Making the past', { timeout: 6_000 })
  })
})

test('sorts and filters stores, and keeps both', async ({ page, open }) => {
  await open('/stores')
  const names = page.locator('.stores-table .store-name')
  await expect(names).toHaveCount(10)
  await page.getByRole('button', { name: 'Sort by Store' }).click()
  await expect(names.nth(1)).toHaveText('Aarhus Bruuns')
  await expect(names.first()).toHaveText('Malmö Triangeln')
  await page.keyboard.press('/')
  await page.keyboard.type('gra')
  await expect(names).toHaveText(['Graz Annenstraße'])
  await page.reload()
  await expect(names).toHaveText(['Graz Annenstraße'])
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await expect(names).toHaveCount(10)
  await page.getByLabel('Filter by name').fill('nowhere')
  await expect(page.getByText('no store matches “nowhere”')).toBeVisible()
})

test('opens a store beside the list, and again after a reload', async ({ page, open }) => {
  await open('/stores')
  await page.getByRole('cell', { name: 'Lyon' }).first().click()
  const sheet = page.getByRole('dialog', { name: 'Lyon Part-Dieu' })
  await expect(sheet).toContainText('usual gap between sales 74')
  await expect(sheet.locator('canvas')).toBeVisible()
  await page.reload()
  await expect(sheet).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
  await expect(page).toHaveURL(/#\/stores$/)
})

test('shows stores as charts to one scale and as a heat map', async ({ page, open }) => {
  await open('/stores')
  await page.getByRole('radio', { name: 'Chart' }).click()
  await expect(page.locator('.store-area canvas')).toHaveCount(10)
  await page.getByRole('radio', { name: 'Heat map' }).click()
  const map = page.getByRole('group', { name: 'Revenue per minute' })
  await expect(map.locator('canvas')).toBeVisible()
  await map.hover({ position: { x: 400, y: 200 } })
  await expect(page.locator('.chart-tooltip')).toContainText('$')
})

test('says that there is no such store', async ({ page, open }) => {
  await open('/stores/4711')
  await expect(page.getByRole('dialog')).toContainText('there is no store 4711')
})

test.describe('ten thousand stores', () => {
  test.use({ demo: { stores: 10_000 } })

  test('draws what is in view, and the end of the list when scrolled there', async ({ page, open }) => {
    await open('/stores')
    await expect(page.getByText('10,000 stores')).toBeVisible()
    const rows = page.locator('.stores-table tbody tr')
    await expect(page.locator('.store-link').first()).toBeVisible()
    expect(await rows.count()).toBeLessThan(60)
    await page.locator('.table-scroll').evaluate((scroller) => scroller.scrollTo({ top: scroller.scrollHeight }))
    await expect(page.locator('tr[aria-rowindex="10001"] .store-link')).toBeVisible()
    expect(await rows.count()).toBeLessThan(60)
  })

  test('finds a store from the palette', async ({ page, open }) => {
    await open('/overview')
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('combobox')).toBeFocused()
    await page.keyboard.type('Cork Opera Lane 731')
    await page.getByRole('option', { name: 'Cork Opera Lane 731' }).click()
    await expect(page.getByRole('dialog', { name: 'Cork Opera Lane 731' })).toBeVisible()
  })
})

test('adds up every topic and shows the bytes of a rejected record', async ({ page, open }) => {
  await open('/quality')
  await expect(page.locator('.topics-table .identity-mark')).toHaveText(['exact', 'exact', 'exact', 'exact'])
  await page.getByRole('link', { name: 'retail-transactions/1/48193' }).click()
  const record = page.getByRole('dialog')
  await expect(record.locator('.record-failing')).toHaveText(/"unit_price": -3/)
  await record.getByRole('radio', { name: 'Hex' }).click()
  await expect(record.locator('pre')).toContainText('7b 22 74 72')
  await page.reload()
  await expect(record).toContainText('/products/0/unit_price')
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/#\/quality$/)
})

test('asks before it re-admits, and says what became of each record', async ({ page, host, open }) => {
  await open('/quality')
  for (const ref of ['retail-transactions/0/48200', 'retail-transactions/2/48186'])
    await page.getByLabel(`Select ${ref}`).check()
  await page.getByRole('button', { name: 'Re-admit 2' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Re-admit 2 records?')
  expect(host.received).not.toContain('readmit')
  await dialog.getByRole('button', { name: 'Re-admit' }).click()
  await expect(dialog.locator('.readmit-result')).toHaveText([/48200re-admitted/, /48186refusedit is no JSON still/])
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(page.locator('tr', { hasText: '48200' })).toContainText(/re-admitted \d\d:\d\d/)
})

test('purges the quarantine after a confirmation, and not without', async ({ page, host, open }) => {
  await open('/quality')
  await page.getByRole('button', { name: 'Purge all' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  expect(host.received).not.toContain('purgeQuarantine')
  await page.getByRole('button', { name: 'Purge all' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Purge' }).click()
  await expect(page.getByRole('dialog')).toContainText('87 records purged')
  await page.keyboard.press('Escape')
  await expect(page.getByText('no record was rejected')).toBeVisible()
})

test('lists what came too late, newest first, and pages through the quarantine', async ({ page, open }) => {
  await open('/quality')
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(page.locator('.pager-pages')).toContainText('51–87')
  await page.getByRole('tab', { name: 'Late ledger' }).click()
  await expect(page.locator('.late-table tbody tr')).toHaveCount(23)
  await expect(page.locator('.late-table tbody tr').first()).toContainText('t-81000')
})

test('says how much was late in each store, and what the lists do not have any more', async ({ page, open }) => {
  await open('/quality')
  await expect(page.locator('.pager-note')).toHaveText(/^180 older rows beyond the bound: .* · 12 purged$/)
  await page.getByRole('radio', { name: 'How much is in quarantine of each store' }).click()
  await expect(page.getByRole('region', { name: /in quarantine of each store/ }).getByRole('rowheader')).toContainText([
    /Store 2/,
    /Store 3/,
    /Store 4/,
    /Store 5/,
    /No store to be read/,
  ])
  await page.getByRole('tab', { name: 'Late ledger' }).click()
  await expect(page.locator('.pager-note')).toHaveText(/^47 older rows/)
  await page.getByRole('radio', { name: 'How much was late in each store' }).click()
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })
  await expect(row('Store 3').getByRole('cell')).toHaveText(['7', '$142.80', '0', '$0.00'])
  await expect(row('All stores').getByRole('cell')).toHaveText(['70', '$1,603.00', '0', '$0.00'])
})

test('names the ids that came with two contents, and shows the record of the log', async ({ page, open }) => {
  await open('/quality')
  await page.getByRole('tab', { name: 'Conflicts 7' }).click()
  await page
    .getByRole('row', { name: /t-80427/ })
    .getByRole('link')
    .click()
  const record = page.getByRole('dialog', { name: 'Record of the log, not in quarantine' })
  await expect(record).toContainText('none: an event under the rules of now')
  await expect(record.locator('pre')).toContainText('"transaction_id": "t-80427"')
})

test('says what a rejected time looks like', async ({ page, open }) => {
  await open('/quality')
  await page.getByRole('link', { name: 'retail-transactions/1/48165' }).click()
  await expect(page.getByRole('dialog')).toContainText('it looks like seconds since 1970')
})

test('draws the way of the data with what passes', async ({ page, open }) => {
  await open('/pipeline')
  await expect(page.locator('.stage')).toHaveCount(6)
  await expect(page.locator('.passage-rate').nth(1)).toHaveText(/\d\.\d\/s/)
  await expect(page.locator('.partitions-table tbody tr')).toHaveCount(12)
  await expect(page.locator('.commits canvas')).toBeVisible()
  await expect(page.locator('.processes-table tbody tr')).toHaveCount(2)
})

test('shows the rule at the field that breaks it, and changes nothing', async ({ page, open }) => {
  await open('/settings')
  const rate = page.getByLabel('generator.rate', { exact: true })
  const lateness = page.getByLabel('window.latenessMs')
  await lateness.fill('-4')
  await rate.fill('nonsense')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('nothing was saved: 2 values break a rule')).toBeVisible()
  await expect(rate).toBeFocused()
  await expect(page.locator('.setting', { has: rate })).toContainText('must be a number')
  await expect(page.locator('.setting', { has: lateness })).toContainText('must be at least 0')
  await page.reload()
  await expect(rate).toHaveValue('3')
})

test('saves a setting, marks it as changed, and takes it back', async ({ page, open }) => {
  await open('/settings')
  await page.keyboard.press('/')
  await page.keyboard.type('log.partitions')
  const row = page.locator('.setting')
  await expect(row).toHaveCount(1)
  await row.getByRole('textbox').fill('8')
  await expect(page.getByText('1 unsaved change')).toBeVisible()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('saved; some of it takes effect at the next start')).toBeVisible()
  await expect(row).toContainText('changed')
  await row.getByRole('button', { name: 'Back to the default' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(row).not.toContainText('changed')
})

test('writes amounts in the display currency as soon as it is set', async ({ page, open }) => {
  await open('/settings')
  await page.getByLabel('display.currency').fill('EUR')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('saved', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(tile(page, 'Revenue, last hour').locator('.tile-figure')).toHaveText(/^€/)
})

test('leaves alone what the environment has set', async ({ page, open }) => {
  await open('/settings')
  await expect(page.getByLabel('generator.seed')).toBeDisabled()
  await expect(page.locator('.setting', { hasText: 'generator.seed' })).toContainText('set by the environment')
})

test('lists the packages that are part of the page with their licences', async ({ page, open }) => {
  await open('/settings')
  await page.getByRole('link', { name: 'About Storepulse' }).click()
  await expect(page.getByRole('row', { name: /^react .*MIT/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /^echarts .*Apache-2\.0/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /inter .*OFL/ })).toBeVisible()
})

test('lists who changed what, a page at a time', async ({ page, open }) => {
  await open('/settings')
  const list = page.getByRole('list', { name: 'Who changed what' })
  await expect(list.getByRole('listitem')).toHaveCount(10)
  await expect(list.getByRole('listitem').first()).toContainText('purged 2 records of the quarantine')
  await expect(list.getByRole('listitem').first()).toContainText('operate session 3f9a01c2')
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(list.getByRole('listitem')).toHaveCount(5)
  await page.getByRole('textbox', { name: 'Find a setting' }).fill('rate')
  await expect(list).toHaveCount(0)
})

test.describe('a session that may only look', () => {
  test.use({ demo: { role: 'view' } })

  test('offers nothing that writes', async ({ page, open }) => {
    await open('/quality')
    await expect(page.locator('.figures')).toContainText('view only')
    await expect(page.getByText('This session may look and not change.')).toBeVisible()
    await expect(page.getByRole('button', { name: /Re-admit|Purge/ })).toHaveCount(0)
    await page.keyboard.press('6')
    await expect(page.getByLabel('generator.rate', { exact: true })).toBeDisabled()
    await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0)
    await expect(page.getByRole('list', { name: 'Who changed what' }).getByRole('listitem').first()).toBeVisible()
  })
})
