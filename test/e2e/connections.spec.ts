import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import type { TableDifference } from '../../core/protocol/cluster.ts'
import { otherRecords } from '../support/demo-host/answers.ts'
import { expect, test } from '../support/demo-host/page-test.ts'
import { findSerious } from '../support/page/axe.ts'

/** `SCREENSHOTS=resources/screenshots` keeps them. */
const folder = join(import.meta.dirname, '../..', process.env['SCREENSHOTS'] ?? 'out/screenshots')
mkdirSync(folder, { recursive: true })

const canary = 'canary-Zq7-password'
const switcher = (page: Page): Locator => page.getByRole('button', { name: /^Profile: / })
const row = (page: Page, label: string): Locator =>
  page.locator('.setting').filter({ has: page.getByText(label, { exact: true }) })

const minuteMs = 60_000
const now = Math.floor(Date.now() / minuteMs) * minuteMs
const difference: TableDifference = {
  table: 'db.example:5432/retail',
  same: 548,
  differs: 1,
  onlyThere: 0,
  onlyHere: 1,
  open: 30,
  latestThereMs: now - 12 * minuteMs,
  rows: [
    {
      storeId: 4,
      startMs: now - 14 * minuteMs,
      outcome: 'differs',
      columns: [
        { column: 'transactions', here: '12', there: '11' },
        { column: 'revenue', here: '418.20', there: '396.70' },
      ],
    },
    {
      storeId: 9,
      startMs: now - 21 * minuteMs,
      outcome: 'only-here',
      columns: [
        { column: 'transactions', here: '1', there: null },
        { column: 'revenue', here: '9.99', there: null },
        { column: 'customers', here: '1', there: null },
      ],
    },
  ],
}

const openFromMenu = async (page: Page, title: string): Promise<void> => {
  await switcher(page).click()
  await page.getByRole('menuitem', { name: new RegExp(`^${title}`) }).click()
}

test('switches profiles by the menu, and shows no number of one under the name of another', async ({ page, open }) => {
  await open('/overview')
  await expect(page.locator('.identity-counted strong')).not.toHaveText('')
  // Every frame: which profile is named, and how many records are counted.
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(window, { seen })
    const look = (): void => {
      const title = document.querySelector('.profile-button-name')?.textContent ?? ''
      const records = document.querySelector('.identity-counted strong')?.textContent?.replaceAll(/\D/g, '') ?? ''
      if (records !== '') seen.push(`${title}|${records}`)
      requestAnimationFrame(look)
    }
    look()
  })
  await openFromMenu(page, 'Nordic shops')
  await expect(switcher(page)).toHaveText('Nordic shops')
  await expect(page.locator('.profile-strip')).toHaveAttribute('data-profile-colour', 'teal')
  await expect(page.locator('.top')).toContainText('read only')
  await expect(page.locator('.identity-counted strong')).toHaveText(/^50,\d{3},\d{3}$/)
  await openFromMenu(page, 'This computer')
  await expect(switcher(page)).toHaveText('This computer')
  await expect(page.locator('.identity-counted strong')).toHaveText(/^\d{2,3},\d{3}$/)
  await expect(page.locator('.profile-strip')).toHaveCount(0)
  const seen = await page.evaluate<readonly string[]>(() => Reflect.get(window, 'seen'))
  const wrong = seen.filter((text) => {
    const [title, records] = text.split('|')
    return (title === 'Nordic shops') !== Number(records) >= otherRecords
  })
  expect(seen.length).toBeGreaterThan(50)
  expect(wrong).toEqual([])
})

test('asks before it opens a locked profile', async ({ page, open }) => {
  await open('/overview')
  await openFromMenu(page, 'Vault')
  const dialog = page.getByRole('dialog', { name: 'Open “Vault”?' })
  await expect(dialog).toContainText('It is locked')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(switcher(page)).toHaveText('This computer')
  await openFromMenu(page, 'Vault')
  await dialog.getByRole('button', { name: 'Open it' }).click()
  await expect(switcher(page)).toContainText('Vault')
  await page.keyboard.press('6')
  await expect(page.getByText('This profile is locked. Unlock it on Connections')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0)
  await page.goto(`${page.url().split('#')[0] ?? ''}#/quality`)
  await page.getByRole('tab', { name: /Quarantine/ }).click()
  await page.getByRole('button', { name: 'Purge all' }).click()
  const purge = page.getByRole('dialog').getByRole('button', { name: 'Purge' })
  await expect(purge).toBeDisabled()
  await page.getByLabel('I mean “Vault”, which is locked').check()
  await expect(purge).toBeEnabled()
})

test('fills in a connection, tests it live, and keeps what is saved, secrets in the keyring alone', async ({
  page,
  host,
  open,
}) => {
  await open('/connections/watch')
  await expect(page.locator('.profile-lack')).toContainText('kafka.brokers is missing')
  await expect(page.getByLabel('Password')).toHaveCount(0)
  await page.getByLabel('Brokers').fill('kafka.example:9093')
  await page.getByLabel('Protection').selectOption('sasl_ssl')
  await page.getByLabel('Mechanism').selectOption('scram-sha-512')
  await page.getByLabel('User', { exact: true }).fill('pulse')
  await page.getByLabel('Password').fill(canary)
  await expect(page.getByLabel('Token endpoint')).toHaveCount(0)
  await expect(page.locator('.save-outcome')).toHaveText('5 unsaved changes')
  await page.getByRole('button', { name: 'Test' }).click()
  await expect(page.locator('.check-summary')).toContainText('Testing')
  await expect(page.locator('.check-step')).toHaveCount(5)
  await expect(page.locator('.check-summary')).toHaveText('1 step failed')
  await expect(page.locator('.check-step').nth(3)).toContainText('ask who runs the cluster')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.save-outcome')).toHaveText('saved')
  await expect(page.locator('.profile-lack')).toHaveCount(0)
  expect(host.cluster.secrets()['watch']).toEqual({ 'kafka.sasl.password': canary })
  await page.reload()
  await expect(page.getByLabel('User', { exact: true })).toHaveValue('pulse')
  await expect(page.getByLabel('Password')).toHaveValue('')
  await expect(page.getByLabel('Password')).toHaveAttribute('placeholder', 'kept; type to replace it')
  expect(await page.content()).not.toContain(canary)
  await row(page, 'Password').getByRole('button', { name: 'Forget it' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.save-outcome')).toHaveText('saved')
  expect(host.cluster.secrets()['watch']).toEqual({})
})

test('has nothing to test where there is no server', async ({ page, open }) => {
  await open('/connections/local')
  await page.getByLabel('Archive to').waitFor()
  await expect(page.getByRole('button', { name: 'Test' })).toHaveCount(0)
  await page.getByLabel('Archive to').selectOption('s3')
  await expect(page.getByLabel('Bucket')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Test' })).toBeVisible()
})

test('says the rule at the field and saves nothing', async ({ page, open }) => {
  await open('/connections/nordic-shops')
  await page.getByLabel('Brokers').fill('not a broker!')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.setting-message')).toContainText('must be host:port')
  await expect(page.getByLabel('Brokers')).toBeFocused()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(page.getByLabel('Brokers')).toHaveValue('kafka.example:9093')
})

test('imports a client.properties, pasted or chosen', async ({ page, host, open }) => {
  const properties = [
    'bootstrap.servers=b1.example:9093,b2.example:9093',
    'security.protocol=SASL_SSL',
    'sasl.mechanism=SCRAM-SHA-256',
    `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="ann" password="${canary}";`,
    'max.poll.records=7',
  ].join('\n')
  await open('/connections/watch')
  await page.getByRole('button', { name: 'Import' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import client.properties' })
  await dialog.getByLabel('Paste the file').fill(properties)
  await dialog.getByRole('button', { name: 'Read it' }).click()
  await expect(dialog.getByRole('status')).toHaveText('4 settings and 1 secret')
  await expect(dialog.locator('.import-ignored')).toContainText('max.poll.records')
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'client.properties',
    mimeType: 'text/plain',
    buffer: Buffer.from(properties.replace('ann', 'bea')),
  })
  await expect(dialog.getByLabel('Paste the file')).toHaveValue(/bea/)
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(page.getByLabel('Brokers')).toHaveValue('b1.example:9093,b2.example:9093')
  await expect(page.getByLabel('User', { exact: true })).toHaveValue('bea')
  await expect(page.getByLabel('Password')).toHaveAttribute('placeholder', 'from the imported file')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.save-outcome')).toHaveText('saved')
  expect(host.cluster.secrets()['watch']).toEqual({ 'kafka.sasl.password': canary })
})

test('makes a profile, changes it, locks it and deletes it', async ({ page, open }) => {
  await open('/connections')
  await page.getByRole('button', { name: 'New profile' }).click()
  const dialog = page.getByRole('dialog', { name: 'New profile' })
  await dialog.getByLabel('Title').fill('Vault')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog.getByRole('status')).toHaveText('must not be that of another profile')
  await dialog.getByLabel('Title').fill('Berlin')
  await dialog.getByLabel('Process a cluster').check()
  await dialog.getByRole('radio', { name: 'Violet' }).click()
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'Berlin' })).toBeVisible()
  await expect(page.locator('.profile-lack').first()).toContainText('is missing')
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeDisabled()
  await page.getByRole('button', { name: 'Title and colour' }).click()
  await page.getByRole('dialog').getByLabel('Title').fill('Berlin and Potsdam')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('link', { name: 'Berlin and Potsdam' })).toBeVisible()
  await page.getByRole('button', { name: 'Lock' }).click()
  await expect(page.getByText('This profile is locked: unlock it to change it.')).toBeVisible()
  await expect(page.getByLabel('Brokers')).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Delete' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('link', { name: 'Berlin and Potsdam' })).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 2, name: 'This computer' })).toBeVisible()
})

test.describe('while a cluster is watched', () => {
  test.use({ demo: { cluster: { profile: 'nordic-shops', difference } } })

  test('says who is waited for, which way the lag goes, and how the cluster’s table differs', async ({
    page,
    open,
  }) => {
    await open('/pipeline')
    await expect(page.locator('.lag')).toContainText('falling 813/s')
    await expect(page.locator('.lag')).toContainText('in 59\u00a0s')
    await expect(page.locator('.lag-waiting')).toHaveText('waiting for customer-events/2: its leader is away')
    await expect(page.locator('.lag-spark')).toHaveText(
      'Spark is 91,300 records behind, the oldest 42\u00a0s old, as of its batch 4,120',
    )
    await expect(page.locator('.flow')).toContainText('kafka.example:9093')
    const panel = page.locator('.difference')
    await expect(panel).toContainText('db.example:5432/retail')
    await expect(panel.locator('tbody tr')).toHaveCount(5)
    await expect(panel.locator('tbody tr').nth(1)).toContainText(/revenue\s*418\.20396\.70/)
    await page.goto(`${page.url().split('#')[0] ?? ''}#/quality`)
    await expect(page.getByText('Read only: nothing on the cluster can be changed.').first()).toBeVisible()
    await expect(page.getByRole('button', { name: /Re-admit/ })).toHaveCount(0)
  })
})

test.describe('where no keyring is', () => {
  test.use({ demo: { cluster: { hasNoKeyring: true, cannotSwitch: '`storepulse run` keeps its profile' } } })

  test('names the variable of a secret, and why profiles stay', async ({ page, open }) => {
    await open('/connections/nordic-shops')
    await page.getByLabel('Protection').selectOption('sasl_plaintext')
    await expect(row(page, 'Password')).toContainText('STOREPULSE_KAFKA_SASL_PASSWORD_FILE')
    await expect(row(page, 'Password').locator('input')).toHaveCount(0)
    await expect(page.locator('.profile-refusal')).toHaveText('`storepulse run` keeps its profile')
    await switcher(page).click()
    await expect(page.getByRole('menuitem', { name: 'Second till' })).toHaveAttribute('aria-disabled', 'true')
    await expect(page.locator('.menu-note')).toContainText('keeps its profile')
  })
})

test.describe('when a profile cannot be opened', () => {
  test.use({ demo: { cluster: { broken: 'nordic-shops' } } })

  test('says why and goes on with the one before', async ({ page, open }) => {
    await open('/overview')
    await openFromMenu(page, 'Nordic shops')
    await expect(page.locator('.notice-bar')).toContainText('Nordic shops could not be opened')
    await expect(page.locator('.notice-bar')).toContainText('nobody answers at kafka.example')
    await expect(switcher(page)).toHaveText('This computer')
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await expect(page.locator('.notice-bar')).toHaveCount(0)
    // What is asked anew tells of the same failure: it was read.
    await switcher(page).click()
    await expect(page.getByRole('menuitem', { name: /^Nordic shops/ })).toBeVisible()
    await page.waitForTimeout(300)
    await expect(page.locator('.notice-bar')).toHaveCount(0)
  })
})

test.describe('for who may only look', () => {
  test.use({ demo: { role: 'view' } })

  test('shows the profiles and changes none', async ({ page, open }) => {
    await open('/connections')
    await expect(page.getByRole('link', { name: 'Nordic shops' })).toBeVisible()
    await expect(page.locator('.connection')).toContainText('This session may look and not change.')
    await expect(page.getByRole('button', { name: /New profile|Lock|Open/ })).toHaveCount(0)
  })
})

test.describe('looks', () => {
  test.use({ demo: { cluster: { profile: 'nordic-shops', difference } }, kept: { introduced: true } })

  for (const theme of ['dark', 'light'] as const) {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const) {
      test(`fits into ${width} × ${height}, ${theme}, and has nothing serious to mend`, async ({ page, open }) => {
        test.setTimeout(120_000)
        await page.setViewportSize({ width, height })
        await page.emulateMedia({ colorScheme: theme })
        await open('/connections')
        await page.getByLabel('Brokers').waitFor()
        const shoot = async (name: string): Promise<void> => {
          await page.waitForTimeout(400)
          await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) })
          const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
          expect(isWider, name).toBe(false)
          if (width < 1_440) return
          expect(await findSerious(page, theme === 'dark' ? 'all' : 'of a theme'), name).toEqual([])
        }
        await shoot('connections')
        await page.getByRole('button', { name: 'Test' }).click()
        await expect(page.locator('.check-summary')).toHaveText('1 step failed')
        await shoot('connections-test')
        await page.getByRole('button', { name: 'New profile' }).click()
        await shoot('connections-new')
        await page.keyboard.press('Escape')
        await switcher(page).click()
        await shoot('connections-menu')
        await page.keyboard.press('Escape')
        await page.getByRole('link', { name: 'Pipeline' }).click()
        await page.locator('.difference tbody tr').first().waitFor()
        await shoot('pipeline-cluster')
      })
    }
  }
})
