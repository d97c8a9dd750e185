import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { openStation } from '../../../core/pipeline/station.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const hourMs = 3_600_000

async function runStation(home: string, ...flags: readonly string[]) {
  const settings = resolveSettings({ profile: {}, environment: {}, flags: ['generator.enabled=false', ...flags] })
  const station = await openStation({
    paths: describeDataDirectory(home),
    settings,
    profile: 'local',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
    command: 'test',
  })
  onTestFinished(() => station.stop(0))
  const value = Buffer.from('{}')
  const appendedAtMs = Date.now() - 3 * hourMs
  await station.log.append([{ topic: 'customer-events', key: null, value }], { appendedAtMs, origin: 'live' })
  await station.start({ closesIdle: false })
  return station
}

it('archives hours that have ended while it runs, where an archive is named', async () => {
  const home = makeTemporaryDirectory()
  await runStation(home, 'archive.target=disk')
  const folder = join(home, 'archive', 'topic=customer-events')
  await expect
    .poll(() => (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []), {
      timeout: 15_000,
    })
    .toContainEqual(expect.stringMatching(/\.parquet$/))
})

it('archives nothing where none is', async () => {
  const home = makeTemporaryDirectory()
  const station = await runStation(home)
  await station.waitUntilCaughtUp()
  expect(existsSync(join(home, 'archive'))).toBe(false)
})

it('says so when it cannot, and goes on', async () => {
  const home = makeTemporaryDirectory()
  const file = join(makeTemporaryDirectory(), 'file')
  writeFileSync(file, '')
  const station = await runStation(home, 'archive.target=disk', `archive.directory=${join(file, 'below')}`)
  await station.waitUntilCaughtUp()
  await expect
    .poll(async () => (await station.board()).alerts, { timeout: 15_000 })
    .toContainEqual(expect.objectContaining({ id: 'archive', message: expect.stringContaining('not archived') }))
})
