import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findOverflow } from '../support/page/overflow.ts'
import { expect, findBusiest, goTo, signIn, test } from '../support/serve/page-test.ts'
import { makePast } from '../support/serve/serve-process.ts'

/** `SCREENSHOTS=resources/screenshots` keeps them. */
const folder = join(import.meta.dirname, '../..', process.env['SCREENSHOTS'] ?? 'out/screenshots')
mkdirSync(folder, { recursive: true })

const placesWith = (busiest: number): readonly (readonly [name: string, route: string, ready: string])[] => [
  ['overview', '/overview', '.leaders'],
  ['stores', '/stores', '.stores-table .store-link'],
  ['store', `/stores/${busiest}`, '.sheet canvas'],
  ['quality', '/quality', '.quarantine-table .link'],
  ['pipeline', '/pipeline', '.commits canvas'],
  ['connections', '/connections', '.connection .setting-input'],
  ['settings', '/settings', '.setting-input'],
  ['about', '/about', '.about table'],
]
const sizes = [
  [1440, 900],
  [1024, 700],
] as const
const startedMs = Date.now()
/** Long enough for sparklines of live figures to have a shape. */
const watchedMs = 6_000

test.use({ kept: { introduced: true, compare: true } })

/** A business with a little of every disorder, one store of which has been silent for ten minutes. */
const settingsWith = (silentStore: number): Readonly<Record<string, number>> => ({
  'generator.rate': 3,
  'generator.disorder.late': 0.01,
  'generator.disorder.duplicate': 0.01,
  'generator.disorder.invalid': 0.01,
  'generator.disorder.silentStore': silentStore,
  'generator.disorder.silentForMs': 1_500_000,
  // It is silent at the end of a period, which ends in a quarter of an hour.
  'generator.disorder.silentEveryMs': startedMs + 900_000,
})

test('shows every page of a real business whole, in both themes and sizes', async ({ makeHome, page, serve }) => {
  test.setTimeout(180_000)
  const [busiest = 0, second = 0] = await findBusiest(await makeHome('day'))
  const settings = settingsWith(second)
  const home = await makeHome(null)
  await makePast({ duration: '26h', settings }, home)
  const server = await serve({ home, settings })
  await signIn(page, server.link)
  await expect(page.locator('.alerts')).toContainText('1 firing')
  await page.waitForTimeout(watchedMs)
  const toast = page.locator('.toast').getByRole('button', { name: 'Dismiss' })
  if (await toast.isVisible()) await toast.click()
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      for (const [name, route, ready] of placesWith(busiest)) {
        await goTo(page, route)
        await page.locator(ready).first().waitFor()
        await page.mouse.move(0, 0)
        await page.waitForTimeout(700)
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) })
        expect(await findOverflow(page), `${name} ${width}`).toEqual([])
      }
    }
  }
})
