import type { Page } from '@playwright/test'
import { findSerious, places } from '../support/page/axe.ts'
import { expect, goTo, signIn, test } from '../support/serve/page-test.ts'

for (const theme of ['dark', 'light'] as const) {
  test(`has nothing serious to mend on any page of the real server, ${theme}`, async ({ page, shared }) => {
    test.setTimeout(120_000)
    await page.emulateMedia({ colorScheme: theme })
    await page.goto(shared.url)
    expect(await findSerious(page, 'all'), 'sign-in').toEqual([])
    await signIn(page, await shared.mintLink('operate'))
    for (const [route, ready] of places) {
      await goTo(page, route)
      await page.locator(ready).first().waitFor()
      expect(await findSerious(page, theme === 'dark' ? 'all' : 'of a theme'), route).toEqual([])
    }
  })
}

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 200; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const { activeElement } = document
      const label = activeElement?.id && document.querySelector(`label[for="${CSS.escape(activeElement.id)}"]`)
      return activeElement?.getAttribute('aria-label') ?? ((label || activeElement)?.textContent ?? '').trim()
    })
    if (name.test(focused)) return
  }
  throw new Error(`Tab does not reach ${String(name)}`)
}

test('lets everything be done by keys alone', async ({ page, serve }) => {
  test.setTimeout(90_000)
  const server = await serve({ past: 'busy', settings: { 'generator.rate': 30 } })
  await signIn(page, server.link)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()
  await page.keyboard.press('2')
  await page.keyboard.press('/')
  await expect(page.getByLabel('Filter by name')).toBeFocused()
  const names = page.locator('.stores-table .store-name')
  await names.first().waitFor()
  const wanted = await names.nth(2).innerText()
  await page.keyboard.type(wanted)
  await expect(names).toHaveText([wanted])
  await tabTo(page, new RegExp(wanted))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: wanted })).toContainText('usual gap')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('last 15 minutes')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+Comma')
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeAttached()
  const field = page.getByLabel('window.latenessMs', { exact: true })
  await field.waitFor()
  await tabTo(page, /^window\.latenessMs$/)
  await expect(field).toBeFocused()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('700000')
  await tabTo(page, /^Save$/)
  await page.keyboard.press('Enter')
  await expect(page.locator('.save-outcome')).toContainText('saved')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('overview')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Stores, last 15 minutes' })).toBeVisible()
  await page.keyboard.press('Space')
  await expect(page.locator('.notice-bar')).toContainText('Held at')
  await page.keyboard.press('Space')
  await expect(page.locator('.notice-bar')).toBeHidden()
})
