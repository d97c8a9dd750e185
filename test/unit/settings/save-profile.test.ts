import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createSettingViews, type SettingViews } from '../../../core/pipeline/views/setting-views.ts'
import { readProfile } from '../../../core/settings/profile.ts'
import { applyChanges } from '../../../core/settings/save-profile.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { settingTable } from '../../../core/settings/table.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

function openForm(
  flags: readonly string[] = [],
  directory: string = join(makeTemporaryDirectory(), 'profiles'),
): SettingViews & { readonly directory: string } {
  const profile = readProfile(directory, 'local')
  const views = createSettingViews({
    settings: resolveSettings({ profile, environment: {}, flags }),
    profilesDirectory: directory,
    profile: 'local',
    storedWindowMs: async () => 60_000,
    partitions: 4,
  })
  return { ...views, directory }
}

const find = (form: SettingViews, name: string): unknown =>
  form.describe().settings.find((setting) => setting.name === name)

it('describes every setting that the profile has', () => {
  const { settings, file } = openForm(['generator.rate=50']).describe()
  // Those of servers and of the archive are on the page of connections.
  const offered = settingTable.filter(({ name, service }) => service === null && !name.startsWith('archive.'))
  const names = offered.map(({ name }) => name)
  expect(settings.map(({ name }) => name).filter((name) => !/^(archive|s3)\./.test(name))).toEqual(names)
  expect(settings.find(({ name }) => name === 'generator.rate')).toMatchObject({
    kind: 'number',
    value: 50,
    default: 3,
    source: 'flag',
    needsRestart: true,
  })
  expect(file.endsWith(join('profiles', 'local.json'))).toBe(true)
})

it('writes what differs from the defaults, and takes it back', async () => {
  const form = openForm()
  const values = { 'generator.rate': 25, 'generator.disorder.late': 0.1, 'generator.stores': 10 }
  expect(await form.save(values)).toEqual({ saved: true, errors: [] })
  const file = join(form.directory, 'local.json')
  const written = readFileSync(file, 'utf8')
  expect(JSON.parse(written)).toEqual({ generator: { rate: 25, disorder: { late: 0.1 } } })
  expect(find(form, 'generator.rate')).toMatchObject({ value: 25, source: 'profile' })
  expect(find(openForm([], form.directory), 'generator.disorder.late')).toMatchObject({ value: 0.1 })

  expect(await form.save({ 'generator.disorder.late': null, 'generator.rate': 30 })).toMatchObject({ saved: true })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ generator: { rate: 30 } })
  expect(readFileSync(`${file}.bak`, 'utf8')).toBe(written)
  expect(existsSync(`${file}.tmp`)).toBe(false)
})

it('changes nothing when one value breaks its rule, and says each rule', async () => {
  const form = openForm()
  await form.save({ 'generator.rate': 25 })
  const before = readFileSync(join(form.directory, 'local.json'), 'utf8')
  const answer = await form.save({
    'generator.rate': 70_000,
    'generator.stores': 20,
    'generator.shape': 'round',
    'events.zone': 'Mars/Olympus',
    'no.such': 1,
  })
  expect(answer).toEqual({
    saved: false,
    errors: [
      { name: 'generator.rate', message: 'must be at most 50000' },
      { name: 'generator.shape', message: 'must be one of flat, day' },
      { name: 'events.zone', message: 'must be an IANA time zone such as Europe/Oslo' },
      { name: 'no.such', message: 'is not a setting' },
    ],
  })
  expect(readFileSync(join(form.directory, 'local.json'), 'utf8')).toBe(before)
})

it('keeps what the data directory was made with', async () => {
  const form = openForm()
  expect(await form.save({ 'window.sizeMs': 30_000, 'log.partitions': 8 })).toEqual({
    saved: false,
    errors: [
      { name: 'window.sizeMs', message: 'must stay 60000: the warehouse has rows of that size' },
      { name: 'log.partitions', message: 'must stay 4: the log was made with that many' },
    ],
  })
  expect(await form.save({ 'window.sizeMs': 60_000, 'log.partitions': null })).toMatchObject({ saved: true })
})

it('leaves what else stands in the file, and understands every spelling of a name', () => {
  const profile = { 'generator.rate': 5, generator: { seed: 4, 'disorder.late': 0.2 }, serve: { port: 1 } }
  expect(applyChanges(profile, { 'generator.rate': 7, 'generator.disorder.late': null, 'serve.port': null })).toEqual({
    generator: { rate: 7, seed: 4 },
  })
})

it('names a file that cannot be written, and leaves it', async () => {
  const form = openForm()
  await form.save({ 'generator.rate': 25 })
  const file = join(form.directory, 'local.json')
  // A folder in the way of the new file: the superuser of a build machine may write anywhere else.
  mkdirSync(`${file}.tmp`)
  await expect(form.save({ 'generator.rate': 26 })).rejects.toThrow(/local\.json could not be written/)
  expect(find(form, 'generator.rate')).toMatchObject({ value: 25 })
})
