import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { connectToSocket } from '../../../core/host/client.ts'
import { createProfileHandlers, createProfileRunner } from '../../../core/host/cluster-handlers.ts'
import { describeProfileParts } from '../../../core/host/station-host.ts'
import { type OpenInputs, openOwned, type OwnedDirectory, type Shell } from '../../../core/host/public.ts'
import { createRemoteHost } from '../../../core/host/remote-host.ts'
import { readOwner } from '../../../core/pipeline/owner.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const canary = 'canary-Zq7-password'

interface Opened {
  readonly owned: OwnedDirectory
  readonly root: string
  readonly switched: readonly string[]
  readonly kept: ReadonlyMap<string, Readonly<Record<string, string | null>>>
}

const inputsFor = (root: string, shell?: Shell): OpenInputs => ({
  paths: describeDataDirectory(root),
  settings: resolveSettings({ profile: {}, environment: {}, flags: [] }),
  profile: 'local',
  clock: systemClock,
  logger: silentLogger,
  workerUrl: null,
  command: 'storepulse run',
  version: '0',
  ...(shell ? { shell } : {}),
})

/** A directory owned by a program that can switch and has a keyring. */
async function own(): Promise<Opened> {
  const root = makeTemporaryDirectory()
  const switched: string[] = []
  const kept = new Map<string, Readonly<Record<string, string | null>>>()
  const owned = await openOwned(
    inputsFor(root, {
      cannotSwitch: null,
      switchTo: (profile) => void switched.push(profile),
      failure: null,
      keyring: {
        refusal: async () => null,
        recall: async () => ({}),
        keep: async (profile, changes) => void kept.set(profile, changes),
      },
    }),
  )
  onTestFinished(() => owned.close(0))
  return { owned, root, switched, kept }
}

const readAll = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

it('notes what was changed of a connection, and no secret in the trail, on disk or in an answer', async () => {
  const { kept, owned, root } = await own()
  await owned.station.start({ closesIdle: false })
  const answer = await owned.client.run('saveConnection', {
    profile: 'watch',
    values: { 'kafka.brokers': 'a.example:9092' },
    secrets: { 'kafka.sasl.password': canary, 'redis.url': null },
    properties: `sasl.password=${canary}-imported`,
  })
  const trail = await owned.client.run('listAudit', { limit: 10, offset: 0 })
  expect(trail.entries).toMatchObject([
    {
      action: 'saved a connection',
      subject: 'profile watch',
      detail:
        'kafka.brokers: a.example:9092; kafka.sasl.password changed; redis.url forgotten; secrets of an imported client.properties',
    },
  ])
  expect(kept.get('watch')).toMatchObject({ 'kafka.sasl.password': canary })
  const view = await owned.client.run('describeConnection', { profile: 'watch' })
  expect(JSON.stringify([answer, trail, view]) + readAll(root)).not.toContain(canary)
})

it('switches once the answer has gone out, and keeps its profile where a command was started with one', async () => {
  const { owned, root, switched } = await own()
  await owned.client.run('switchProfile', { profile: 'local', isConfirmed: false })
  await expect.poll(() => switched).toEqual(['local'])
  await owned.close(0)
  const fixed = await openOwned(inputsFor(root))
  onTestFinished(() => fixed.close(0))
  await expect(fixed.client.run('switchProfile', { profile: 'local', isConfirmed: true })).rejects.toThrow(
    '`storepulse run` keeps the profile it was started with',
  )
})

it('makes no schema for a profile without a database, and plans none', async () => {
  const { owned } = await own()
  expect(await owned.client.run('planSchema', { profile: 'local' })).toEqual({ plan: null })
  await expect(
    owned.client.run('createSchema', { profile: 'local', adopts: false, isConfirmed: true }),
  ).rejects.toMatchObject({ code: 'refused' })
})

it('lets who shows another’s directory switch by itself, and its owner stay', async () => {
  const { owned, root, switched } = await own()
  const ownSwitches: string[] = []
  const inputs = inputsFor(root, {
    cannotSwitch: null,
    switchTo: (profile) => void ownSwitches.push(profile),
    failure: { profile: 'watch', message: 'nobody answers', hint: null },
    keyring: null,
  })
  const first = await connectToSocket((await readOwner(describeDataDirectory(root)))?.socket ?? '')
  const runHere = createProfileRunner(createProfileHandlers(describeProfileParts(inputs)))
  const shown = createRemoteHost({
    first,
    attach: async () => null,
    runHere,
    clock: systemClock,
    logger: silentLogger,
  })
  onTestFinished(() => shown.close())
  const answers: unknown[] = []
  const served = shown.connect({ send: (message) => void answers.push(message), pendingBytes: () => 0 })
  served.receive({ kind: 'request', id: 1, command: 'listProfiles', payload: {} })
  served.receive({
    kind: 'request',
    id: 2,
    command: 'switchProfile',
    payload: { profile: 'local', isConfirmed: false },
  })
  served.receive({ kind: 'request', id: 3, command: 'switchProfile', payload: { profile: 7 } })
  await expect.poll(() => answers).toHaveLength(3)
  expect(answers).toContainEqual(
    expect.objectContaining({ id: 1, result: expect.objectContaining({ failure: expect.anything() }) }),
  )
  expect(answers).toContainEqual(expect.objectContaining({ kind: 'failure', id: 3 }))
  expect([ownSwitches, switched]).toEqual([['local'], []])
  expect((await owned.client.run('listProfiles', {})).failure).toBeNull()
})
