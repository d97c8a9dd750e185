import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { makeBrief } from '../../core/protocol/visible-text.ts'
import { makeHostileLines } from '../support/hostile-records.ts'
import { hostileTexts } from '../support/hostile-texts.ts'
import { findOverflow } from '../support/page/overflow.ts'
import { expect, goTo, query, signIn, test } from '../support/serve/page-test.ts'
import { runStorepulse } from '../support/storepulse.ts'

const folder = join(import.meta.dirname, '../../out/screenshots')
mkdirSync(folder, { recursive: true })

/** How each hostile id is to be read on the page; a lone surrogate has become a replacement character in the warehouse. */
const expected = hostileTexts.map(({ text }) => makeBrief(Buffer.from(text).toString(), 120))

interface Ref {
  readonly ref: string
}

/** What the page shows or says on hover, with anything in it that is acted upon or not seen; and whether a script ran. */
const findHarm = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u
    const titles = [...document.querySelectorAll('[title], [aria-label]')].flatMap((element) => [
      element.getAttribute('title') ?? '',
      element.getAttribute('aria-label') ?? '',
    ])
    const texts = document.body.innerText.split(/[\n\t]/)
    const harm = [...texts, ...titles].filter((text) => unseen.test(text))
    if (Reflect.has(globalThis, 'stolen')) harm.push('a script ran')
    if (document.querySelector('main script, main img, main svg[onload]') !== null) harm.push('markup was made')
    return harm
  })

test('shows hostile records for what they are, and nothing of them acts', async ({ makeHome, page, serve }) => {
  test.setTimeout(180_000)
  const home = await makeHome(null)
  const input = makeHostileLines(Date.now()).join('\n')
  expect(await runStorepulse(['import', '-'], { home, input })).toMatchObject({ code: 0 })
  const server = await serve({ home, args: ['--no-generator'] })
  await signIn(page, server.link)
  const count = async (table: string): Promise<number> =>
    Number((await query<{ readonly n: string }>(home, `SELECT count(*) AS n FROM storepulse.${table}`))[0]?.n)
  await expect.poll(() => count('quarantine')).toBe(hostileTexts.length * 2 + 4)
  expect(await count('late')).toBe(hostileTexts.length + 1)

  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await goTo(page, '/quality')
    await page.getByRole('tab', { name: /^Quarantine/ }).click()
    await expect(page.locator('.quarantine-table tbody tr')).toHaveCount(50)
    expect(await findHarm(page)).toEqual([])
    await page.screenshot({ path: join(folder, `hostile-quarantine-${colorScheme}.png`) })

    await page.getByRole('tab', { name: /^Late/ }).click()
    await expect(page.locator('.late-table tbody tr')).toHaveCount(50)
    expect(await findHarm(page)).toEqual([])
    expect(await findOverflow(page)).toEqual([])
    await page.screenshot({ path: join(folder, `hostile-late-${colorScheme}.png`) })
    const first = await page.locator('.late-table bdi').allTextContents()
    await page.getByRole('button', { name: 'Older' }).click()
    await expect(page.locator('.late-table tbody tr')).toHaveCount(expected.length + 1 - first.length)
    const shown = [...first, ...(await page.locator('.late-table bdi').allTextContents())]
    expect(expected.filter((text) => !shown.includes(text))).toEqual([])
    await page.getByRole('button', { name: 'Newer' }).click()
  }

  const sql =
    "SELECT topic || '/' || partition || '/' || record_offset AS ref FROM storepulse.quarantine ORDER BY record_offset"
  const refs = await query<Ref>(home, sql)
  for (const [index, { ref }] of refs.entries()) {
    await goTo(page, `/quality/quarantine/${ref}`)
    await expect(page.locator('.record-bytes .record-line').first()).toBeVisible()
    expect(await findHarm(page), ref).toEqual([])
    if (index % 20 === 0) await page.screenshot({ path: join(folder, `hostile-record-${index}.png`) })
  }
  for (const route of ['/overview', '/stores', '/stores/1', '/pipeline', '/settings']) {
    await goTo(page, route)
    await page.waitForTimeout(300)
    expect(await findHarm(page), route).toEqual([])
  }
})
