import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EngineNews } from '../../../core/protocol/engine-messages.ts'
import { createRemoteKeyring } from '../../../electron/engine/keyring.ts'
import { readProfileChoice, writeProfileChoice } from '../../../electron/main/profile-choice.ts'
import { createProfileCourse } from '../../../electron/main/profile-course.ts'
import { type Cipher, createSecretStore, type SecretStore } from '../../../electron/main/secrets.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const canary = 'canary-Zq7-password'

/** Turns every bit round: nothing of the text is left as it was. */
const turn = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff))

function makeCipher(refusal: string | null = null): Cipher {
  return {
    refusal: async () => refusal,
    encrypt: async (text) => turn(Buffer.from(text)),
    async decrypt(bytes) {
      if (bytes.length === 0) throw new Error('nothing to decrypt')
      return turn(bytes).toString()
    },
  }
}

interface Opened {
  readonly folder: string
  readonly store: SecretStore
}

function openStore(refusal: string | null = null, folder = makeTemporaryDirectory()): Opened {
  return { folder, store: createSecretStore((profile) => join(folder, profile, 'secrets.json'), makeCipher(refusal)) }
}

const readAll = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

it('keeps the secrets of each profile encrypted, and gives them back', async () => {
  const { folder, store } = openStore()
  await store.keep('watch', { 'kafka.sasl.password': canary, 'redis.url': 'redis://x' })
  await store.keep('live', { 'kafka.sasl.password': 'other' })
  await store.keep('watch', { 'redis.url': null })
  expect(await openStore(null, folder).store.recall('watch')).toEqual({ 'kafka.sasl.password': canary })
  expect(await store.recall('local')).toEqual({})
  expect(readAll(folder)).toContain('kafka.sasl.password')
  expect(readAll(folder)).not.toContain(canary)
  expect(readAll(folder)).not.toContain(Buffer.from(canary).toString('base64'))
  if (process.platform !== 'win32') expect(statSync(join(folder, 'watch', 'secrets.json')).mode & 0o077).toBe(0)
  await store.keep('live', { 'kafka.sasl.password': null })
  expect(existsSync(join(folder, 'live', 'secrets.json'))).toBe(false)
})

it('keeps nothing where the keyring protects nothing, and forgets all the same', async () => {
  const { folder, store } = openStore()
  await store.keep('watch', { 'kafka.sasl.password': canary })
  const unprotected = openStore('this computer has no keyring', folder).store
  await expect(unprotected.keep('watch', { 'redis.url': canary })).rejects.toThrow('no keyring')
  expect(Object.keys(await store.recall('watch'))).toEqual(['kafka.sasl.password'])
  await unprotected.keep('watch', { 'kafka.sasl.password': null })
  expect(await store.recall('watch')).toEqual({})
})

it('says which secret the keyring does not open, and never overwrites a file it cannot read', async () => {
  const { folder, store } = openStore()
  mkdirSync(join(folder, 'watch'))
  writeFileSync(join(folder, 'watch', 'secrets.json'), '{"secrets":{"redis.url":""}}')
  await expect(store.recall('watch')).rejects.toThrow('does not open redis.url')
  writeFileSync(join(folder, 'watch', 'secrets.json'), '{"secrets":')
  await expect(store.keep('watch', { 'redis.url': canary })).rejects.toThrow('cannot be read')
  expect(readFileSync(join(folder, 'watch', 'secrets.json'), 'utf8')).toBe('{"secrets":')
})

it('asks main for the secrets of a profile, and tells why one was not kept', async () => {
  const told: EngineNews[] = []
  const keyring = createRemoteKeyring((news) => told.push(news), null)
  const [first, second] = [keyring.recall('watch'), keyring.keep('watch', { 'redis.url': canary })]
  expect(told.map(({ kind }) => kind)).toEqual(['recall', 'keep'])
  keyring.take({ kind: 'kept', id: 2, refusal: 'this computer has no keyring' })
  keyring.take({ kind: 'recalled', id: 1, secrets: { 'redis.url': canary }, refusal: null })
  keyring.take({ kind: 'kept', id: 9, refusal: null })
  expect(await first).toEqual({ 'redis.url': canary })
  await expect(second).rejects.toThrow('no keyring')
})

it('remembers the profile that was open, and nothing that is no name', () => {
  const file = join(makeTemporaryDirectory(), 'browser', 'profile.json')
  expect(readProfileChoice(file)).toBeNull()
  writeProfileChoice(file, 'watch')
  expect(readProfileChoice(file)).toBe('watch')
  for (const text of ['{"profile":"../x"}', '{"profile":1}', '{']) {
    writeFileSync(file, text)
    expect(readProfileChoice(file)).toBeNull()
  }
})

it('goes back to the profile before when one gives up at once, and says why', () => {
  const remembered: string[] = []
  const course = createProfileCourse('local', null, (profile) => remembered.push(profile))
  const reason = { message: 'kafka.brokers is missing', hint: 'set it' }
  expect(course.noteEnd(reason, 100)).toBe(false)
  course.switchTo('watch')
  expect(course.current()).toEqual({ profile: 'watch', isSwitched: true, failure: null })
  expect(course.noteEnd(reason, 100)).toBe(true)
  expect(course.current()).toEqual({ profile: 'local', isSwitched: true, failure: { profile: 'watch', ...reason } })
  expect(course.noteEnd(reason, 100)).toBe(false)
  expect(remembered).toEqual(['watch', 'local'])
})

it('stays with a profile that ran for a while, and opens the same one anew', () => {
  const course = createProfileCourse('local', null, () => undefined)
  course.switchTo('watch')
  course.switchTo('watch')
  expect(course.noteEnd({ message: 'crashed', hint: null }, 61_000)).toBe(false)
  expect(course.current().profile).toBe('watch')
  expect(course.noteEnd({ message: 'crashed', hint: null }, 1_000)).toBe(true)
  expect(course.current().profile).toBe('local')
})

it('opens the usual profile when the remembered one is gone', () => {
  const course = createProfileCourse('gone', 'local', () => undefined)
  expect(course.noteEnd({ message: 'there is no profile "gone"', hint: null }, 50)).toBe(true)
  expect(course.current()).toMatchObject({ profile: 'local', failure: { profile: 'gone' } })
})
