import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import type { SchemaPlanView } from '../../core/protocol/cluster.ts'
import { expect, test } from '../support/demo-host/page-test.ts'
import { findSerious } from '../support/page/axe.ts'

/** `SCREENSHOTS=resources/screenshots` keeps them. */
const folder = join(import.meta.dirname, '../..', process.env['SCREENSHOTS'] ?? 'out/screenshots')
mkdirSync(folder, { recursive: true })

const tables = [
  'migrations',
  'windows',
  'offsets',
  'epochs',
  'late',
  'quarantine',
  'alerts',
  'trends',
  'audit',
  'owner',
]
const schema: SchemaPlanView = {
  server: 'db.example:5432',
  database: 'retail',
  user: 'pulse',
  tables: ['public.transactions_summary', ...tables.map((name) => `storepulse.${name}`)],
  rights: [
    { right: 'CREATE on database retail', isGranted: true, grant: 'GRANT CREATE ON DATABASE retail TO pulse' },
    { right: 'CREATE on schema public', isGranted: true, grant: 'GRANT CREATE ON SCHEMA public TO pulse' },
  ],
  foreignRows: 0,
  shapeProblems: [],
}
const foreign: SchemaPlanView = { ...schema, tables: schema.tables.slice(1), foreignRows: 48_211 }
const weak: SchemaPlanView = { ...foreign, rights: schema.rights.map((right) => ({ ...right, isGranted: false })) }

const switcher = (page: Page): Locator => page.getByRole('button', { name: /^Profile: / })
const question = (page: Page): Locator => page.getByRole('dialog', { name: 'Create the schema in “retail”?' })

/** Asks for the profile by the menu, and says yes to the first question. */
async function choose(page: Page): Promise<void> {
  await switcher(page).click()
  await page.getByRole('menuitem', { name: /^Process a cluster/ }).click()
  await page.getByRole('dialog', { name: /^Open/ }).getByRole('button', { name: 'Open it' }).click()
}

test.describe('a database without a schema', () => {
  test.use({ demo: { cluster: { schema } } })

  test('is asked about before its profile is opened, by keys alone, and made on Create', async ({
    page,
    host,
    open,
  }) => {
    await open('/overview')
    await switcher(page).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('p')
    await expect(page.getByRole('menuitem', { name: /^Process a cluster/ })).toBeFocused()
    await page.keyboard.press('Enter')
    const first = page.getByRole('dialog', { name: /^Open/ })
    await first.getByRole('button', { name: 'Open it' }).focus()
    await page.keyboard.press('Enter')
    await expect(question(page)).toContainText('db.example:5432')
    await expect(question(page)).toContainText('storepulse.windows')
    await expect(question(page)).toContainText('CREATE on database retail')
    await page.keyboard.press('Escape')
    await expect(question(page)).toHaveCount(0)
    await expect(switcher(page)).toHaveText('This computer')
    expect(host.received).not.toContain('createSchema')
    await choose(page)
    await question(page).getByRole('button', { name: 'Create' }).focus()
    await page.keyboard.press('Enter')
    await expect(switcher(page)).toHaveText('Process a cluster')
    expect(host.received).toContain('createSchema')
    await expect(page.locator('.notice-bar')).toHaveCount(0)
  })
})

test.describe('a table with rows of somebody else', () => {
  test.use({ demo: { cluster: { schema: weak, schemaRefusal: 'permission denied for database retail' } } })

  test('is taken over only when that is said, and what was refused is shown', async ({ page, open }) => {
    await open('/overview')
    await choose(page)
    const create = question(page).getByRole('button', { name: 'Create' })
    await expect(question(page)).toContainText('GRANT CREATE ON DATABASE retail TO pulse')
    await expect(create).toBeDisabled()
    await question(page)
      .getByLabel(/^Take over public.transactions_summary: its 48,211 rows/)
      .check()
    await create.click()
    await expect(question(page).getByRole('alert')).toContainText('permission denied for database retail')
    await question(page).getByRole('button', { name: 'Cancel' }).click()
    await expect(switcher(page)).toHaveText('This computer')
  })
})

test.describe('a profile that was opened without a schema', () => {
  test.use({ demo: { cluster: { schema, profile: 'process' } } })

  test('asks at once, and again when somebody wants it', async ({ page, open }) => {
    await open('/overview')
    await expect(question(page)).toContainText('storepulse.windows')
    await question(page).getByRole('button', { name: 'Cancel' }).click()
    const bar = page.locator('.notice-bar')
    await expect(bar).toContainText('has no schema of Storepulse yet')
    await bar.getByRole('button', { name: 'Create it' }).click()
    await question(page).getByRole('button', { name: 'Create' }).click()
    await expect(page.locator('.state-mark')).toHaveText('Running')
    await expect(bar).toHaveCount(0)
  })

  test.describe('for who may only look', () => {
    test.use({ demo: { role: 'view', cluster: { schema, profile: 'process' } } })

    test('says who can make it, and offers nothing', async ({ page, open }) => {
      await open('/overview')
      await expect(page.locator('.notice-bar')).toContainText('whoever may operate can create it')
      await expect(page.getByRole('button', { name: /Create/ })).toHaveCount(0)
      await expect(page.getByRole('dialog')).toHaveCount(0)
    })
  })
})

test.describe('looks', () => {
  test.use({ demo: { cluster: { schema: weak } } })

  for (const theme of ['dark', 'light'] as const) {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const) {
      test(`fits into ${width} × ${height}, ${theme}, and has nothing serious to mend`, async ({ page, open }) => {
        await page.setViewportSize({ width, height })
        await page.emulateMedia({ colorScheme: theme })
        await open('/connections')
        await page.waitForTimeout(400)
        await page.screenshot({ path: join(folder, `connections-list-${theme}-${width}.png`) })
        await choose(page)
        await question(page).waitFor()
        await page.waitForTimeout(400)
        await page.screenshot({ path: join(folder, `first-migration-${theme}-${width}.png`) })
        const box = await question(page).boundingBox()
        expect((box?.y ?? 0) + (box?.height ?? height)).toBeLessThan(height)
        expect(await findSerious(page, 'all')).toEqual([])
      })
    }
  }
})
