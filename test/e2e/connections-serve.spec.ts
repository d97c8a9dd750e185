import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, goTo, query, signIn, test } from '../support/serve/page-test.ts'

const canary = 'canary-Zq7-password'

// Between two profiles there is nobody to connect to for a moment.
test.use({ provoked: /WebSocket connection to|ERR_CONNECTION_REFUSED/ })

const switcher = (page: Page) => page.getByRole('button', { name: /^Profile: / })

/** What the page says it received. */
const readReceived = async (page: Page): Promise<number> =>
  Number(/of ([\d,]+) received/.exec(await page.locator('.identity-counted').innerText())?.[1]?.replaceAll(',', ''))

const readAll = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

test('opens a profile of the viewer’s own and the first one again, each with its own numbers', async ({
  page,
  serve,
}) => {
  const server = await serve({ past: 'busy', args: ['--no-generator'] })
  await signIn(page, server.link)
  const before = await readReceived(page)
  expect(before).toBeGreaterThan(1_000)
  await goTo(page, '/connections')
  await page.getByRole('button', { name: 'New profile' }).click()
  const dialog = page.getByRole('dialog', { name: 'New profile' })
  await dialog.getByRole('radio', { name: /^This computer/ }).check()
  await dialog.getByLabel('Title').fill('Second till')
  await dialog.getByRole('radio', { name: 'Amber' }).click()
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(switcher(page)).toHaveText('Second till')
  await expect(page.locator('.profile-strip')).toHaveAttribute('data-profile-colour', 'amber')
  await expect(page.locator('.state-mark')).toHaveText('Running')
  await goTo(page, '/overview')
  await expect.poll(() => readReceived(page)).toBe(0)
  await goTo(page, '/pipeline')
  await expect(page.locator('.processes-facts')).toContainText(join('profiles', 'second-till'))
  await switcher(page).click()
  await page.getByRole('menuitem', { name: /^This computer/ }).click()
  await expect(switcher(page)).toHaveText('This computer')
  await goTo(page, '/overview')
  await expect.poll(() => readReceived(page)).toBe(before)
  const trail = await query<{ readonly action: string }>(server.home, 'SELECT action FROM storepulse.audit')
  expect(trail.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['created a profile', 'switched to another profile']),
  )
})

test('gives no secret of the environment away: not to the page, not to a file, not in words', async ({
  page,
  serve,
}) => {
  const received: string[] = []
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))))
  const environment = {
    STOREPULSE_KAFKA_SASL_PASSWORD: canary,
    DATABASE_URL: `postgres://pulse:${canary}@127.0.0.1:9/retail`,
  }
  const server = await serve({ args: ['--no-generator'], environment })
  await signIn(page, server.link)
  await goTo(page, '/connections/process')
  await page.getByLabel('Brokers').fill('127.0.0.1:9')
  await page.getByLabel('Protection').selectOption('sasl_plaintext')
  await page.getByLabel('User', { exact: true }).fill('pulse')
  await expect(page.locator('.connection')).toContainText('leads to 127.0.0.1:9/retail')
  await page.getByRole('button', { name: 'Test' }).click()
  await expect(page.locator('.check-summary')).toContainText('failed', { timeout: 30_000 })
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.save-outcome')).toHaveText('saved')
  await expect(page.getByRole('button', { name: 'Open', exact: true })).toBeEnabled()
  expect(await page.content()).not.toContain(canary)
  expect(received.join('\n')).toContain('127.0.0.1:9')
  expect(received.join('\n')).not.toContain(canary)
  const { stderr, stdout } = await server.stop()
  expect(stdout + stderr).not.toContain(canary)
  expect(readAll(server.home)).not.toContain(canary)
})
