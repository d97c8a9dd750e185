import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { secretMask } from '../../../core/base/redact.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { readProfile } from '../../../core/settings/profile.ts'
import { profileKindNames, profileKinds } from '../../../core/settings/profile-kind.ts'
import { checkChanges, saveChanges } from '../../../core/settings/save-profile.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { settingTable } from '../../../core/settings/table.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

function writeProfiles(files: Readonly<Record<string, object | string>> = {}): string {
  const directory = join(makeTemporaryDirectory(), 'profiles')
  mkdirSync(directory, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, `${name}.json`), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return directory
}

const resolve = (
  directory: string,
  name: string,
  more: Partial<Parameters<typeof resolveSettings>[0]> = {},
): ReturnType<typeof resolveSettings> =>
  resolveSettings({ profile: readProfile(directory, name), environment: {}, flags: [], ...more })

it('knows the four ways to run without any file', () => {
  const directory = writeProfiles()
  for (const name of profileKindNames) expect(resolve(directory, name).profile).toBe(profileKinds[name])
})

it('lets the generator run by default on this computer alone', () => {
  const directory = writeProfiles()
  const runs = (name: string, flags: readonly string[] = []): boolean =>
    resolve(directory, name, { flags }).flag('generator.enabled')
  expect(profileKindNames.map((name) => runs(name))).toEqual([true, false, false, false])
  expect(runs('process', ['generator.enabled=true'])).toBe(true)
  for (const name of ['watch', 'kafka-local']) {
    expect(() => runs(name, ['generator.enabled=true'])).toThrow('/generator/enabled is of no use')
    const environment = { STOREPULSE_GENERATOR_ENABLED: 'true' }
    expect(resolve(directory, name, { environment }).flag('generator.enabled')).toBe(false)
  }
})

it('lets watch write nothing at all', () => {
  expect(profileKinds.watch.writes).toEqual({ events: 'none', rows: false, groupOffsets: false, cache: false })
})

it('gives every profile but local a place of its own', () => {
  const local = describeDataDirectory('/data')
  expect(local.warehouse).toBe(join('/data', 'warehouse', 'warehouse.db'))
  const other = describeDataDirectory('/data', 'kafka-local')
  expect(other.warehouse).toBe(join('/data', 'profiles', 'kafka-local', 'warehouse', 'warehouse.db'))
  expect(other.profiles).toBe(local.profiles)
  expect(other.home).toBe(local.root)
  const places = [local.root, local.log, local.warehouse, local.ownerLock, local.ownerFile, local.serve, local.archive]
  const others = [other.root, other.log, other.warehouse, other.ownerLock, other.ownerFile, other.serve, other.archive]
  expect(new Set([...places, ...others]).size).toBe(14)
})

it('has from the profile it extends what it does not say itself', () => {
  const directory = writeProfiles({
    process: { kafka: { brokers: ['a:1', 'b:2'] }, window: { latenessMs: 5 } },
    europe: { extends: 'process', title: 'Europe', 'window.latenessMs': 7 },
    lisbon: { extends: 'europe', kafka: { groupId: 'lisbon' } },
  })
  const settings = resolve(directory, 'lisbon')
  expect(settings.profile.kind).toBe('process')
  expect(settings.text('kafka.brokers')).toBe('a:1,b:2')
  expect(settings.number('window.latenessMs')).toBe(7)
  expect(settings.text('kafka.groupId')).toBe('lisbon')
  expect(readProfile(directory, 'lisbon').title).toBeUndefined()
})

it.each([
  [{ mine: { extends: 'yours' } }, 'there is no profile "yours"'],
  [{ mine: { extends: 'other' }, other: { extends: 'mine' } }, '/extends goes round: mine → other → mine'],
  [{ mine: { extends: 'process', kind: 'watch' } }, '/kind must be process, as that of the profile it extends'],
  [{ mine: { kind: 'cluster' } }, '/kind must be one of local, watch, process, kafka-local'],
  [{ mine: { extends: 7 } }, '/extends must be the name of a profile'],
  [{ mine: '["kind"]' }, 'must hold one JSON object'],
  [{ mine: '{"kafka": {"sasl": {"password": "canary"' }, 'is not valid JSON'],
  [{ mine: { extends: 'demo' } }, 'profile "demo" is not part of this build'],
])('refuses a profile whose files are %j', (files, message) => {
  const directory = writeProfiles(files)
  expect(() => resolve(directory, 'mine')).toThrow(message)
  expect(() => resolve(directory, 'mine')).not.toThrow('canary')
})

it('refuses a built-in profile that says it is another', () => {
  expect(() => resolve(writeProfiles({ watch: { kind: 'process' } }), 'watch')).toThrow('/kind must be watch')
  expect(() => resolve(writeProfiles({ local: { kind: 'process' } }), 'local')).toThrow('/kind must be local')
  expect(() => resolve(writeProfiles({ watch: { extends: 'process' } }), 'watch')).toThrow('/extends is for profiles')
})

it('takes settings of a server only where the profile uses it', () => {
  const directory = writeProfiles({ mine: { kafka: { brokers: 'a:1' } } })
  expect(() => resolve(directory, 'mine')).toThrow(
    '/kafka/brokers is about Kafka, which a profile of kind local does not use',
  )
  expect(() => resolve(directory, 'local', { flags: ['warehouse.adopt=true'] })).toThrow('/warehouse/adopt is about')
  expect(() => resolve(directory, 'kafka-local', { flags: ['warehouse.adopt=true'] })).toThrow('is about PostgreSQL')
  expect(checkChanges({ 'kafka.brokers': 'a:1' }, profileKinds.local)).toEqual([
    { name: 'kafka.brokers', message: 'is not used by a profile of kind local' },
  ])
})

const connections = {
  STOREPULSE_KAFKA_BROKERS: 'from-environment:9092',
  DATABASE_URL: 'postgres://from-environment/x',
  STOREPULSE_REDIS_URL: 'redis://from-environment',
  STOREPULSE_S3_ENDPOINT: 'http://from-environment',
}

it('fills a profile that uses a service from the environment', () => {
  const settings = resolve(writeProfiles(), 'process', { environment: connections })
  expect(settings.text('kafka.brokers')).toBe('from-environment:9092')
  expect(settings.secret('warehouse.url')).toBe('postgres://from-environment/x')
  expect(settings.secret('redis.url')).toBe('redis://from-environment')
  expect(settings.source('kafka.brokers')).toBe('environment')
})

it('ignores connection variables on this computer, also those that make no sense', () => {
  const environment = { ...connections, STOREPULSE_KAFKA_BROKERS: ':::', STOREPULSE_S3_REGION: '!' }
  const settings = resolve(writeProfiles(), 'local', { environment })
  for (const name of ['kafka.brokers', 'warehouse.url', 'redis.url', 's3.endpoint', 's3.region']) {
    expect([name, settings.source(name)]).toEqual([name, 'default'])
  }
})

it('never turns a profile to another server through the environment, but may through a flag', () => {
  const directory = writeProfiles({ mine: { kind: 'process', kafka: { brokers: 'mine:9092', groupId: 'mine' } } })
  const environment = { ...connections, STOREPULSE_KAFKA_GROUP_ID: 'other' }
  const secrets = { 'warehouse.url': 'postgres://mine/x' }
  const settings = resolve(directory, 'mine', { environment, secrets })
  expect(settings.text('kafka.brokers')).toBe('mine:9092')
  expect(settings.secret('warehouse.url')).toBe('postgres://mine/x')
  expect(settings.text('kafka.groupId')).toBe('other')
  expect(settings.notes).toEqual([
    'STOREPULSE_KAFKA_BROKERS is not used: the profile has a kafka.brokers of its own',
    'DATABASE_URL is not used: the profile has a warehouse.url of its own',
  ])
  const flagged = resolve(directory, 'mine', { environment, secrets, flags: ['kafka.brokers=flag:9092'] })
  expect(flagged.text('kafka.brokers')).toBe('flag:9092')
  expect(flagged.notes).toHaveLength(1)
  expect(resolve(directory, 'process', { environment }).notes).toEqual([])
})

it('uses S3 on every profile that archives to it', () => {
  const environment = { ...connections, STOREPULSE_ARCHIVE_TARGET: 's3', STOREPULSE_S3_SECRET_KEY: 'canary' }
  const settings = resolve(writeProfiles(), 'local', { environment })
  expect(settings.text('s3.endpoint')).toBe('http://from-environment')
  expect(settings.secret('s3.secretKey')).toBe('canary')
})

it('prefers our own variable of the database, and takes an empty one as none', () => {
  const environment = { ...connections, STOREPULSE_DATABASE_URL: 'postgres://ours/x' }
  const read = (more: object): string =>
    resolve(writeProfiles(), 'process', { environment: { ...environment, ...more } }).secret('warehouse.url')
  expect(read({})).toBe('postgres://ours/x')
  expect(read({ STOREPULSE_WAREHOUSE_URL: 'postgres://named/x' })).toBe('postgres://named/x')
  expect(read({ STOREPULSE_DATABASE_URL: '' })).toBe('postgres://from-environment/x')
})

it('reads a secret from a file that a variable names', () => {
  const directory = writeProfiles()
  const file = join(directory, 'password')
  writeFileSync(file, ' canary \r\n')
  const environment = { STOREPULSE_KAFKA_SASL_PASSWORD_FILE: file }
  expect(resolve(directory, 'process', { environment }).secret('kafka.sasl.password')).toBe(' canary ')
  expect(() =>
    resolve(directory, 'process', { environment: { ...environment, STOREPULSE_KAFKA_SASL_PASSWORD: 'canary' } }),
  ).toThrow('STOREPULSE_KAFKA_SASL_PASSWORD and STOREPULSE_KAFKA_SASL_PASSWORD_FILE are both set')
  expect(() =>
    resolve(directory, 'process', { environment: { STOREPULSE_KAFKA_SASL_PASSWORD_FILE: join(directory, 'none') } }),
  ).toThrow('the file that STOREPULSE_KAFKA_SASL_PASSWORD_FILE names cannot be read: ENOENT')
})

it('takes a secret from everywhere but a profile file', () => {
  const directory = writeProfiles({ mine: { kind: 'process', kafka: { sasl: { password: 'canary' } } } })
  expect(() => resolve(directory, 'mine')).toThrow('/kafka/sasl/password is a secret and must not stand')
  expect(() => resolve(directory, 'mine')).not.toThrow('canary')
  const secrets = settingTable.filter(({ isSecret }) => isSecret).map(({ name }) => name)
  expect(secrets.length).toBeGreaterThan(10)
  for (const name of secrets) {
    expect(checkChanges({ [name]: 'canary' }, profileKinds.process)).toEqual([
      { name, message: 'is a secret and must not stand in a profile file' },
    ])
    const kind = name.startsWith('s3.') ? 'local' : 'process'
    const settings = resolve(directory, kind, { flags: [`${name}=canary`] })
    expect(settings.secret(name)).toBe('canary')
    expect(settings.shown(name)).toBe(secretMask)
    expect(() => settings.text(name)).toThrow('is read as another kind')
  }
})

it('shows a secret that is not set as nothing', () => {
  expect(resolve(writeProfiles(), 'process').shown('kafka.sasl.password')).toBe('')
})

it('does not repeat what stands where a sign is missing', () => {
  const flags = ['kafka.sasl.password:canary']
  expect(() => resolve(writeProfiles(), 'process', { flags })).toThrow('not "kafka.sasl.password"')
})

it('saves in a profile only what it does not have without it', () => {
  const directory = writeProfiles({ process: { kafka: { groupId: 'all' } }, mine: { extends: 'process' } })
  saveChanges(directory, 'mine', { 'kafka.groupId': 'storepulse', 'generator.enabled': false })
  expect(resolve(directory, 'mine').text('kafka.groupId')).toBe('storepulse')
  saveChanges(directory, 'mine', { 'kafka.groupId': 'all', 'generator.enabled': true })
  expect(resolve(directory, 'mine').source('generator.enabled')).toBe('profile')
  expect(readProfile(directory, 'mine')).toEqual({ kind: 'process', 'kafka.groupId': 'all', 'generator.enabled': true })
})

it('leaves a locked profile as it is', () => {
  const directory = writeProfiles({ mine: { kind: 'process', locked: true } })
  expect(() => saveChanges(directory, 'mine', { 'kafka.groupId': 'x' })).toThrow('profile "mine" is locked')
})
