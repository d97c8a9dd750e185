import type { Page } from '@playwright/test'
import { expect, test } from '../support/demo-host/page-test.ts'
import { findSerious, places } from '../support/page/axe.ts'

const openPlaces = [...places, ['/quality/quarantine/retail-transactions/1/48193', '.record-failing'] as const]

/** All rules in the dark theme; in the light one those that a theme can change. */
const rulesOf = (theme: 'dark' | 'light'): 'all' | 'of a theme' => (theme === 'dark' ? 'all' : 'of a theme')

for (const theme of ['dark', 'light'] as const) {
  test(`has nothing serious to mend on any page, ${theme}`, async ({ page, open, host }) => {
    test.setTimeout(120_000)
    await page.emulateMedia({ colorScheme: theme })
    await open('/overview')
    for (const [route, ready] of openPlaces) {
      await page.goto(`${host.url}#${route}`)
      await page.locator(ready).first().waitFor()
      expect(await findSerious(page, rulesOf(theme)), route).toEqual([])
    }
  })

  test(`has nothing serious to mend in what opens over a page, ${theme}`, async ({ page, open }) => {
    test.setTimeout(120_000)
    await page.emulateMedia({ colorScheme: theme })
    await open('/overview')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').waitFor()
    expect(await findSerious(page, rulesOf(theme)), 'palette').toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    expect(await findSerious(page, rulesOf(theme)), 'keys').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Stores', exact: true }).click()
    for (const look of ['Chart', 'Heat map']) {
      await page.getByRole('radio', { name: look }).click()
      await page.locator('canvas').first().waitFor()
      expect(await findSerious(page, rulesOf(theme)), look).toEqual([])
    }
    await page.getByRole('link', { name: 'Quality', exact: true }).click()
    await page.getByRole('radio', { name: /in quarantine of each store/ }).click()
    await page.getByRole('rowheader', { name: 'Store 3' }).waitFor()
    expect(await findSerious(page, rulesOf(theme)), 'quarantine by store').toEqual([])
    await page.getByRole('tab', { name: /Late ledger/ }).click()
    await page.getByRole('radio', { name: /How much was late/ }).click()
    await page.getByRole('rowheader', { name: 'All stores' }).waitFor()
    expect(await findSerious(page, rulesOf(theme)), 'late by store').toEqual([])
    await page.getByRole('tab', { name: /Conflicts/ }).click()
    await page
      .getByRole('rowheader', { name: /retail-transactions/ })
      .first()
      .waitFor()
    expect(await findSerious(page, rulesOf(theme)), 'conflicts').toEqual([])
  })
}

/** What has the focus, in words. */
const describeFocus = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document
    return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim() ?? ''
  })

const hasVisibleFocus = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const { activeElement } = document
    if (activeElement === null) return false
    const marked = activeElement.matches('input') ? (activeElement.closest('.field') ?? activeElement) : activeElement
    return getComputedStyle(marked).outlineStyle !== 'none'
  })

test('reaches and shows every control of the overview by Tab alone', async ({ page, open }) => {
  await open('/overview')
  await page.locator('.leaders').waitFor()
  const reached: string[] = []
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(() => document.activeElement === document.body)) break
    expect(await hasVisibleFocus(page), await describeFocus(page)).toBe(true)
    reached.push(await describeFocus(page))
  }
  const wanted = [
    'Skip to the page',
    'Overview',
    'Settings',
    'last hour',
    'Yesterday',
    'Hold the screen',
    'Theme',
    'Commands',
    'Transactions per minute',
    'Revenue and transactions',
    'Malmö Triangeln',
    'Alerts',
  ]
  for (const name of wanted)
    expect(
      reached.some((text) => text.includes(name)),
      name,
    ).toBe(true)
})

test('goes through the app by keys alone', async ({ page, open }) => {
  await open('/overview')
  const pages = ['Overview', 'Stores', 'Quality', 'Pipeline', 'Connections', 'Settings']
  for (const [index, name] of pages.entries()) {
    await page.keyboard.press(String(index + 1))
    await expect(page.getByRole('heading', { level: 1, name })).toBeAttached()
    if (index > 0) await expect(page.locator('main')).toBeFocused()
  }
  await page.keyboard.press('2')
  await page.keyboard.press('/')
  await expect(page.getByLabel('Filter by name')).toBeFocused()
  await page.keyboard.type('cork 2 c ?')
  await expect(page.getByLabel('Filter by name')).toHaveValue('cork 2 c ?')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { level: 1, name: 'Stores' })).toBeAttached()
  await page.getByRole('link', { name: 'Porto Ribeira' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Porto Ribeira' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('pipe')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Pipeline' })).toBeAttached()
})

/** Presses keys in one go: the page that the first one leads to cannot be there yet at the next. */
const pressAtOnce = (page: Page, keys: readonly string[]): Promise<void> =>
  page.evaluate((pressed) => {
    for (const key of pressed)
      window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  }, keys)

test('focuses the filter of a page that is still coming when its key is pressed', async ({ page, open }) => {
  await open('/overview')
  await pressAtOnce(page, ['2', '/'])
  await expect(page.getByLabel('Filter by name')).toBeFocused()
  await page.keyboard.press('Escape')
  await pressAtOnce(page, ['6', '/'])
  await expect(page.getByLabel('Find a setting')).toBeFocused()
})

test('forgets the key for the filter at the next key, or where another page comes', async ({ page, open }) => {
  await open('/overview')
  await pressAtOnce(page, ['2', '/', 'Shift'])
  await expect(page.locator('main.page-stores')).toBeFocused()
  await pressAtOnce(page, ['3', '/', '6'])
  await expect(page.locator('main.page-settings')).toBeFocused()
})

test('leaves single keys to a control that was reached by keyboard', async ({ page, open }) => {
  await open('/overview')
  await page.getByRole('button', { name: 'Hold the screen' }).focus()
  await page.keyboard.press('3')
  await expect(page).toHaveURL(/#\/overview$/)
  await page.keyboard.press('Space')
  await expect(page.locator('.notice-bar')).toContainText('Held at')
})

test('does not act on single keys once they are switched off', async ({ page, open }) => {
  await open('/settings')
  await page.getByRole('switch', { name: 'Single keys' }).click()
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.keyboard.press('3')
  await expect(page).toHaveURL(/#\/overview$/)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeVisible()
})

test('gives the focus back to where a dialog was opened from', async ({ page, open }) => {
  await open('/overview')
  const button = page.getByRole('button', { name: 'Commands' })
  await button.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(button).toBeFocused()
})

test.describe('reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } })

  test('moves nothing', async ({ page, open }) => {
    await open('/overview')
    const moving = await page.evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    )
    expect(moving).toBe(0)
  })
})
