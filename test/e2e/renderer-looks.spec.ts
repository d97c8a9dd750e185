import { expect, test } from '../support/demo-host/page-test.ts'
import { findOverflow } from '../support/page/overflow.ts'

const places: readonly (readonly [name: string, route: string, ready: string])[] = [
  ['overview', '/overview', '.leaders'],
  ['stores', '/stores', '.stores-table .store-link'],
  ['store', '/stores/7', '.sheet canvas'],
  ['quality', '/quality', '.quarantine-table'],
  ['pipeline', '/pipeline', '.commits canvas'],
  ['connections', '/connections', '.connection .setting-input'],
  ['settings', '/settings', '.setting-input'],
  ['about', '/about', '.about table'],
]

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
        await page.waitForTimeout(300)
        expect(await findOverflow(page), name).toEqual([])
      }
    })
  }
}
