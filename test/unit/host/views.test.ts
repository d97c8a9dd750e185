import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import type { Client } from '../../../core/host/client.ts'
import { openOwned, type OwnedDirectory } from '../../../core/host/open.ts'
import type { HostMessage } from '../../../core/protocol/wire.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const minuteMs = 60_000

async function own(): Promise<OwnedDirectory & { readonly root: string }> {
  const root = makeTemporaryDirectory()
  const owned = await openOwned({
    paths: describeDataDirectory(root),
    settings: resolveSettings({ profile: {}, environment: {}, flags: ['generator.rate=30'] }),
    profile: 'local',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
    command: 'test',
    version: '0',
  })
  onTestFinished(() => owned.close(0))
  return { ...owned, root }
}

/** Nonsense a page could send: each with a part of what it is told. */
const nonsense: readonly (readonly [Parameters<Client['run']>[0], unknown, string])[] = [
  ['series', { fromMs: 0, untilMs: 1, stepMs: 0, storeId: null }, '/stepMs'],
  ['series', { fromMs: 0, untilMs: 4_000_000_000_000, stepMs: 1_000, storeId: null }, 'at most 20000 steps'],
  ['series', { fromMs: 0.5, untilMs: 1, stepMs: 60_000, storeId: null }, '/fromMs'],
  ['series', { fromMs: 0, untilMs: 1, stepMs: 60_000, storeId: '1; DROP TABLE x' }, '/storeId'],
  ['stores', { fromMs: 0, untilMs: 1, compareMs: 0, sort: 'luck' }, '/sort'],
  ['heatMap', { fromMs: 0, untilMs: 1, stepMs: 60_000, storeIds: [0] }, '/storeIds/0'],
  ['storeSheet', { storeId: -1, fromMs: 0, untilMs: 1, compareMs: 0 }, '/storeId'],
  ['quality', { fromMs: 0, untilMs: Number.NaN, stepMs: 60_000 }, '/untilMs'],
  ['alertHistory', { limit: 0 }, '/limit'],
  ['saveSettings', { values: { 'generator.rate': {} } }, '/values/generator.rate'],
]

it('refuses nonsense, naming the field', async () => {
  const { host } = await own()
  for (const [command, payload, told] of nonsense) {
    const answers: HostMessage[] = []
    const served = host.connect({ send: (message) => void answers.push(message), pendingBytes: () => 0 })
    served.receive({ kind: 'request', id: 1, command, payload })
    await expect.poll(() => answers).toHaveLength(1)
    expect(answers[0]).toMatchObject({ kind: 'failure', fault: { code: 'usage' } })
    expect(JSON.stringify(answers[0])).toContain(told)
  }
})

it('answers a page before anything was ever sold', async () => {
  const { client } = await own()
  const untilMs = systemClock.nowMs()
  const span = { fromMs: untilMs - 60 * minuteMs, untilMs }
  expect(await client.run('series', { ...span, stepMs: minuteMs, storeId: null })).toMatchObject({ startMs: [] })
  const list = {
    ...span,
    compareMs: 86_400_000,
    sort: 'revenue',
    descending: true,
    filter: '',
    offset: 0,
    limit: 5,
  } as const
  const stores = await client.run('stores', list)
  expect(stores).toMatchObject({ total: 10, silent: 0 })
  expect(stores.rows.map(({ cents, id, latestMs }) => [id, cents, latestMs])).toEqual(
    [1, 2, 3, 4, 5].map((id) => [id, 0, null]),
  )
  expect(await client.run('trends', { ...span, compareMs: 0 })).toMatchObject({ atMs: [] })
  expect(await client.run('quality', { ...span, stepMs: minuteMs })).toMatchObject({ reasons: {} })
  expect(await client.run('alertHistory', { limit: 10 })).toEqual({ alerts: [] })
  expect((await client.run('pipeline', {})).commits).toEqual([])
})

it('pushes the past being made, then the last minutes as they are committed', async () => {
  const { client, host, station } = await own()
  const seen: HostMessage[] = []
  const served = host.connect({ send: (message) => void seen.push(message), pendingBytes: () => 0 })
  const live = station.goLive(30 * minuteMs)
  served.receive({ kind: 'subscribe', feed: 'backfill' })
  served.receive({ kind: 'subscribe', feed: 'recent' })
  await station.start({ closesIdle: false })
  await live
  const values = (feed: string): unknown[] =>
    seen.flatMap((message) => (message.kind === 'feed' && message.feed === feed ? [message.value] : []))
  await expect.poll(() => values('backfill').at(-1)).toBeNull()
  expect(values('backfill')[0]).toMatchObject({ share: 0 })
  await expect.poll(() => JSON.stringify(values('recent').at(-1)).length, { timeout: 5_000 }).toBeGreaterThan(200)
  const { alerts } = await client.run('alertHistory', { limit: 5 })
  expect(alerts).toEqual([])
})

it('saves settings for the next start', async () => {
  const { client, root } = await own()
  expect(await client.run('saveSettings', { values: { 'generator.rate': 12, 'generator.stores': 0 } })).toMatchObject({
    saved: false,
    errors: [{ name: 'generator.stores', message: 'must be at least 1' }],
  })
  expect(await client.run('saveSettings', { values: { 'generator.stores': 12 } })).toMatchObject({ saved: true })
  const { file, settings } = await client.run('describeSettings', {})
  expect(file).toBe(join(root, 'profiles', 'local.json'))
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ generator: { stores: 12 } })
  expect(settings.find(({ name }) => name === 'generator.stores')).toMatchObject({ value: 12, source: 'profile' })
})
