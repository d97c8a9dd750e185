import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from '../support/demo-host/page-test.ts'

/** `SCREENSHOTS=resources/screenshots` keeps them. */
const folder = join(import.meta.dirname, '../..', process.env['SCREENSHOTS'] ?? 'out/screenshots')
mkdirSync(folder, { recursive: true })

const places: readonly (readonly [name: string, route: string, ready: string])[] = [
  ['overview', '/overview', '.leaders'],
  ['stores', '/stores', '.stores-table .store-link'],
  ['store', '/stores/7', '.sheet canvas'],
  ['quality', '/quality', '.quarantine-table'],
  ['pipeline', '/pipeline', '.commits canvas'],
  ['settings', '/settings', '.setting-input'],
  ['about', '/about', '.about table'],
]

/** Parts that stick out of the window, or titles and figures that are cut. */
const findOverflow = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found = document.documentElement.scrollWidth > window.innerWidth ? ['the page is wider than the window'] : []
    for (const element of document.querySelectorAll(
      '.panel-title, .tile-figure, .tile-name, th, .number, .stage-name, .figures',
    )) {
      if (element.scrollWidth > element.clientWidth + 1) found.push(`cut: ${element.textContent}`)
    }
    return found
  })

test.use({ kept: { introduced: true, compare: true } })

for (const theme of ['dark', 'light'] as const) {
  for (const [width, height] of [
    [1440, 900],
    [1024, 700],
  ] as const) {
    test(`fits every page into ${width} × ${height}, ${theme}`, async ({ page, open, host }) => {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: theme })
      await open('/overview')
      for (const [name, route, ready] of places) {
        await page.goto(`${host.url}#${route}`)
        await page.locator(ready).first().waitFor()
        await page.waitForTimeout(600)
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) })
        expect(await findOverflow(page), name).toEqual([])
      }
    })
  }
}
