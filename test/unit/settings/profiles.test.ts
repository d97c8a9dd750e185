import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readProfile } from '../../../core/settings/profile.ts'
import { profileKinds } from '../../../core/settings/profile-kind.ts'
import {
  createProfile,
  deleteProfile,
  describeProfile,
  listProfiles,
  lockProfile,
  renameProfile,
} from '../../../core/settings/profiles.ts'
import { checkNeeds, listLacks, listNotes } from '../../../core/settings/lacks.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

function writeRaw(home: string, name: string, text: string): void {
  mkdirSync(join(home, 'profiles'), { recursive: true })
  writeFileSync(join(home, 'profiles', `${name}.json`), text)
}

it('lists what is built in, then the user’s own, and of one that cannot be read the reason', () => {
  const home = makeTemporaryDirectory()
  expect(listProfiles(join(home, 'none')).map(({ name }) => name)).toEqual(['local', 'watch', 'process', 'kafka-local'])
  createProfile(home, { name: 'beta', extends: 'watch' })
  createProfile(home, { name: 'alpha', extends: 'beta', title: ' Alpha ', colour: 'red', isLocked: true })
  writeRaw(home, 'gamma', '{"kind": "cluster"}')
  writeRaw(home, 'delta', '{"colour": "pink"}')
  writeRaw(home, 'demo', '{}')
  const listed = listProfiles(home).slice(4)
  expect(listed.map(({ name, problem }) => [name, problem === null])).toEqual([
    ['alpha', true],
    ['beta', true],
    ['delta', false],
    ['gamma', false],
  ])
  expect(listed[0]?.description).toMatchObject({
    title: 'Alpha',
    kind: profileKinds.watch,
    extends: 'beta',
    colour: 'red',
    isLocked: true,
    isBuiltIn: false,
  })
  expect(listed[2]?.problem).toContain('/colour must be one of blue')
  expect(describeProfile(home, 'process').title).toBe('Process a cluster')
})

it('makes a profile with settings, and writes nothing of one that breaks a rule', () => {
  const home = makeTemporaryDirectory()
  const made = createProfile(home, { name: 'eu-1', extends: 'process', settings: { 'kafka.brokers': 'a:1' } })
  expect(JSON.parse(readFileSync(made.file, 'utf8'))).toEqual({ extends: 'process', kafka: { brokers: 'a:1' } })
  expect(made.paths.root).toBe(join(home, 'profiles', 'eu-1'))
  for (const [settings, message] of [
    [{ 'kafka.sasl.password': 'canary' }, '/kafka/sasl/password is a secret'],
    [{ 'kafka.startFrom': 'canary' }, '/kafka/startFrom must be earliest'],
    [{ 'no.such': 1 }, '/no/such is not a setting'],
  ] as const) {
    expect(() => createProfile(home, { name: 'other', extends: 'process', settings })).toThrow(message)
  }
  expect(existsSync(join(home, 'profiles', 'other.json'))).toBe(false)
})

it.each(['local', 'demo', 'Upper', 'a/b', '..', '', 'con', 'a.b', '-a', 'a'.repeat(41)])(
  'makes no profile called %j',
  (name) => {
    expect(() => createProfile(makeTemporaryDirectory(), { name, extends: 'watch' })).toThrow(/profile/)
  },
)

it('makes no second profile of a name, nor one over another’s data, nor one of nothing', () => {
  const home = makeTemporaryDirectory()
  createProfile(home, { name: 'one', extends: 'watch' })
  writeRaw(home, 'Two', '{}')
  mkdirSync(join(home, 'profiles', 'three'))
  expect(() => createProfile(home, { name: 'one', extends: 'watch' })).toThrow('is there already')
  expect(() => createProfile(home, { name: 'two', extends: 'watch' })).toThrow('is there already')
  expect(() => createProfile(home, { name: 'three', extends: 'watch' })).toThrow('has data of an earlier profile')
  expect(() => createProfile(home, { name: 'four', extends: 'none' })).toThrow('there is no profile "none"')
})

it('renames a profile with its data', () => {
  const home = makeTemporaryDirectory()
  const before = createProfile(home, { name: 'one', extends: 'kafka-local', title: 'One' })
  mkdirSync(before.paths.log, { recursive: true })
  writeFileSync(join(before.paths.log, 'records'), 'x')
  const after = renameProfile(home, 'one', 'two')
  expect(after).toMatchObject({ name: 'two', title: 'One', kind: profileKinds['kafka-local'] })
  expect(readFileSync(join(after.paths.log, 'records'), 'utf8')).toBe('x')
  expect(existsSync(before.paths.root)).toBe(false)
  expect(() => describeProfile(home, 'one')).toThrow('there is no profile "one"')
})

it('deletes a profile, keeps what was in its file, and says where its data is', () => {
  const home = makeTemporaryDirectory()
  const { file, paths } = createProfile(home, { name: 'one', extends: 'watch' })
  expect(deleteProfile(home, 'one')).toBeNull()
  expect(existsSync(`${file}.bak`)).toBe(true)
  createProfile(home, { name: 'one', extends: 'watch' })
  mkdirSync(paths.root)
  expect(deleteProfile(home, 'one')).toBe(paths.root)
  expect(listProfiles(home)).toHaveLength(4)
})

it('changes none that is built in, locked, extended or in use', () => {
  const home = makeTemporaryDirectory()
  createProfile(home, { name: 'parent', extends: 'watch' })
  createProfile(home, { name: 'child', extends: 'parent', isLocked: true })
  const { paths } = createProfile(home, { name: 'used', extends: 'watch' })
  mkdirSync(paths.root)
  writeFileSync(paths.ownerFile, JSON.stringify({ processId: process.pid }))
  for (const change of [deleteProfile, (home: string, name: string) => renameProfile(home, name, 'new')]) {
    expect(() => change(home, 'watch')).toThrow('is built in')
    expect(() => change(home, 'parent')).toThrow('profile "child" extends "parent"')
    expect(() => change(home, 'child')).toThrow('is locked')
    expect(() => change(home, 'used')).toThrow(`is in use by process ${process.pid}`)
  }
  lockProfile(home, 'child', false)
  expect(deleteProfile(home, 'child')).toBeNull()
})

it('locks and unlocks, and changes nothing else of the file', () => {
  const home = makeTemporaryDirectory()
  const { file } = createProfile(home, { name: 'one', extends: 'watch', settings: { 'kafka.groupId': 'g' } })
  const before = readFileSync(file, 'utf8')
  lockProfile(home, 'one', true)
  expect(describeProfile(home, 'one').isLocked).toBe(true)
  lockProfile(home, 'one', false)
  expect(readFileSync(file, 'utf8')).toBe(before)
})

it('says what a profile lacks, each with its variable', () => {
  const lacksOf = (kind: string, environment: Readonly<Record<string, string>> = {}): readonly string[] => {
    const settings = resolveSettings({ profile: readProfile('/none', kind), environment, flags: [] })
    return listLacks(settings, environment).map(({ code, hint, message }) => `${code}: ${message}; ${hint ?? ''}`)
  }
  expect(lacksOf('local')).toEqual([])
  expect(lacksOf('process')).toEqual([
    expect.stringMatching(/^setting: kafka\.brokers is missing.*STOREPULSE_KAFKA_BROKERS/),
    expect.stringMatching(/^setting: warehouse\.url is missing.*STOREPULSE_DATABASE_URL/),
  ])
  expect(lacksOf('watch')).toHaveLength(1)
  expect(lacksOf('watch', { STOREPULSE_KAFKA_BROKERS: 'a' })).toEqual([])
  expect(lacksOf('process', { STOREPULSE_KAFKA_BROKERS: 'a', DATABASE_URL: 'postgres://db/x' })).toEqual([])
  expect(lacksOf('local', { STOREPULSE_ARCHIVE_TARGET: 's3' })).toHaveLength(1)
  const settings = resolveSettings({ profile: { kind: 'process' }, environment: {}, flags: [] })
  expect(listNotes(settings, {})).toEqual([])
  const url = { DATABASE_URL: 'postgres://a,b/x' }
  const several = resolveSettings({ profile: { kind: 'process' }, environment: url, flags: [] })
  expect(listNotes(several, url)).toEqual([expect.stringContaining('2 servers are named: the first that takes writes')])
  expect(() => checkNeeds(settings, {})).toThrow('kafka.brokers is missing')
})
