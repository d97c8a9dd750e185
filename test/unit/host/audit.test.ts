import { userInfo } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { createAuditTrail } from '../../../core/host/audit.ts'
import { openOwned } from '../../../core/host/open.ts'
import type { Host } from '../../../core/host/host.ts'
import { connectToSocket } from '../../../core/host/client.ts'
import { createRemoteHost } from '../../../core/host/remote-host.ts'
import { readOwner } from '../../../core/pipeline/owner.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import type { AuditItem } from '../../../core/protocol/commands.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { createManualClock } from '../../support/clock.ts'
import { openFeed } from '../../support/feed-client.ts'
import { servePages } from '../../support/served-pages.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const user = userInfo().username

function describeInputs(root: string, command: string) {
  return {
    paths: describeDataDirectory(root),
    settings: resolveSettings({ profile: {}, environment: {}, flags: [] }),
    profile: 'local',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
    command,
    version: '0',
  }
}

/** A directory owned by this process, with three records that are no events in quarantine. */
async function own(root = makeTemporaryDirectory()) {
  const owned = await openOwned(describeInputs(root, 'run'))
  onTestFinished(() => owned.close(0))
  await owned.station.start({ closesIdle: false })
  const records = ['a', 'b', 'c'].map((text) => ({ topic: salesTopic, key: null, value: Buffer.from(text) }))
  await owned.station.log.append(records, { appendedAtMs: Date.now(), origin: 'import' })
  await owned.station.waitUntilCaughtUp()
  const { entries } = await owned.client.run('listQuarantine', { limit: 10, offset: 0 })
  return { ...owned, root, refs: entries.map(({ ref }) => ref) }
}

/** The same directory through its socket, as another process sees it. */
async function openRemote(root: string): Promise<Host> {
  const owner = await readOwner(describeDataDirectory(root))
  const first = await connectToSocket(owner?.socket ?? '')
  const host = createRemoteHost({ first, attach: async () => null, clock: systemClock, logger: silentLogger })
  onTestFinished(() => host.close())
  return host
}

const listed = async (owned: Awaited<ReturnType<typeof own>>): Promise<readonly Omit<AuditItem, 'at'>[]> =>
  (await owned.client.run('listAudit', { limit: 10, offset: 0 })).entries.map(({ at: _, ...entry }) => entry)

it('notes who saved which settings, from what to what', async () => {
  const owned = await own()
  await owned.client.run('saveSettings', { values: { 'generator.stores': 12, 'window.latenessMs': null } })
  await owned.client.run('saveSettings', { values: { 'generator.stores': 0 } })
  await owned.client.run('saveSettings', { values: {} })
  expect(await listed(owned)).toEqual([
    {
      who: user,
      action: 'saved settings',
      subject: 'profile local',
      detail: 'generator.stores: 10 → 12; window.latenessMs: 600000 → default (600000)',
    },
  ])
})

it('notes what was purged, and nothing where nothing was', async () => {
  const owned = await own()
  const [first = ''] = owned.refs
  await owned.client.run('purgeQuarantine', { refs: [first] })
  await owned.client.run('purgeQuarantine', { refs: [first] })
  await owned.client.run('readmit', { refs: [...owned.refs], from: 'quarantine' })
  await owned.client.run('purgeQuarantine', { refs: null })
  expect(await listed(owned)).toEqual([
    { who: user, action: 'purged', subject: '2 records of the quarantine', detail: 'all that were not re-admitted' },
    { who: user, action: 'purged', subject: '1 record of the quarantine', detail: first },
  ])
})

it('refuses to purge and re-admit while the profile is locked, unless it is meant', async () => {
  const owned = await own()
  await owned.client.run('updateProfile', { profile: 'local', changes: { isLocked: true } })
  const refused = { code: 'refused', message: expect.stringContaining('locked') }
  await expect(owned.client.run('purgeQuarantine', { refs: null })).rejects.toMatchObject(refused)
  await expect(owned.client.run('readmit', { refs: owned.refs, from: 'quarantine' })).rejects.toMatchObject(refused)
  const [first = ''] = owned.refs
  expect(await owned.client.run('purgeQuarantine', { refs: [first], isConfirmed: true })).toEqual({ purged: 1 })
  await owned.client.run('updateProfile', { profile: 'local', changes: { isLocked: false } })
  expect(await owned.client.run('purgeQuarantine', { refs: null })).toEqual({ purged: 2 })
})

it('takes an entry from whoever reaches the data directory, and from no page', async () => {
  const owned = await own()
  const { port, signIn } = await servePages({ host: owned.host })
  const operator = await openFeed(port, await signIn('operate'))
  const deed = { action: 'imported', subject: '12 records', detail: 'from sales.ndjson' }
  expect(await operator.run('noteDeed', deed)).toMatchObject({ fault: { code: 'refused' } })
  expect(await listed(owned)).toEqual([])
  await owned.client.run('noteDeed', deed)
  expect(await listed(owned)).toEqual([{ who: user, ...deed }])
})

it('names the session of a served page, which may look at the trail with either role', async () => {
  const owned = await own()
  const { port, signIn } = await servePages({ host: owned.host })
  const operator = await openFeed(port, await signIn('operate'))
  const viewer = await openFeed(port, await signIn('view'))
  await operator.run('purgeQuarantine', { refs: null })
  expect(await viewer.run('purgeQuarantine', { refs: null })).toMatchObject({ fault: { code: 'refused' } })
  expect(await viewer.run('listAudit', { limit: 5, offset: 0 })).toMatchObject({
    result: { entries: [{ who: expect.stringMatching(/^operate session [0-9a-f]{8}$/), action: 'purged' }] },
  })
})

it('names that session through another process too, and nobody by what a page says of itself', async () => {
  const owned = await own()
  const { port, signIn } = await servePages({ host: await openRemote(owned.root) })
  const operator = await openFeed(port, await signIn('operate'))
  const [first = ''] = owned.refs
  operator.socket.send(
    JSON.stringify({ kind: 'request', id: 7, command: 'purgeQuarantine', payload: { refs: [first] }, who: 'root' }),
  )
  await expect.poll(() => listed(owned)).toMatchObject([{ who: expect.stringMatching(/^operate session/) }])
})

it('says what a session may do in its greeting, whoever owns the directory', async () => {
  const owned = await own()
  for (const host of [owned.host, await openRemote(owned.root)]) {
    const { port, signIn } = await servePages({ host })
    for (const role of ['view', 'operate'] as const) {
      const page = await openFeed(port, await signIn(role))
      expect(await page.run('hello')).toMatchObject({ result: { command: 'run', role } })
    }
  }
})

it('writes later what could not be written at once, and says so when it never could', async () => {
  const clock = createManualClock(0)
  const lost: unknown[] = []
  const logger = { ...silentLogger, error: (message: string) => void lost.push(message) }
  const kept: unknown[] = []
  let failures = 2
  const note = createAuditTrail(
    async (entry) => {
      failures -= 1
      if (failures >= 0) throw new Error('the warehouse is away')
      kept.push(entry)
    },
    clock,
    logger,
  )
  const deed = { action: 'purged', subject: 's', detail: 'd' }
  const pass = async (): Promise<void> => {
    clock.advance(1_000)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  await note('ada', deed)
  for (let second = 0; second < 3; second += 1) await pass()
  expect(kept).toEqual([{ atMs: 0, who: 'ada', ...deed }])
  failures = 100
  await note('ada', deed)
  for (let second = 0; second < 6; second += 1) await pass()
  expect(lost).toEqual(['an entry of the audit trail is lost'])
  expect(failures).toBe(95)
})
