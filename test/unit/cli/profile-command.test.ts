import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, it, onTestFinished, vi } from 'vitest'
import { addProfileCommand } from '../../../core/cli/commands/profile.ts'
import { reportFailure } from '../../../core/cli/exit.ts'
import { createSettingViews } from '../../../core/pipeline/views/setting-views.ts'
import { readProfile } from '../../../core/settings/profile.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { environmentName, settingTable } from '../../../core/settings/table.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

function makeRunner(environment: Readonly<Record<string, string>> = {}): {
  readonly home: string
  readonly run: (...args: readonly string[]) => Promise<Ran>
} {
  const home = makeTemporaryDirectory()
  for (const [name, value] of Object.entries({ HOME: home, APPDATA: home, ...environment })) vi.stubEnv(name, value)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  return {
    home,
    async run(...args) {
      const program = new Command('storepulse').exitOverride()
      addProfileCommand(program)
      const written = { out: '', err: '' }
      const keep = (stream: 'out' | 'err') => (text: string | Uint8Array) => {
        written[stream] += String(text)
        return true
      }
      const spies = [
        vi.spyOn(process.stdout, 'write').mockImplementation(keep('out')),
        vi.spyOn(process.stderr, 'write').mockImplementation(keep('err')),
      ]
      try {
        await program.parseAsync(['profile', ...args, '--data-dir', home], { from: 'user' })
        return { code: 0, ...written }
      } catch (error) {
        const code = reportFailure(error)
        return { code, ...written }
      } finally {
        for (const spy of spies) spy.mockRestore()
      }
    },
  }
}

/** One value a setting of that kind may have. */
const canary = 'hunter2Canary'

it('makes, lists, shows, renames, locks and deletes a profile', async () => {
  const { home, run } = makeRunner()
  const made = await run('create', 'eu', '--kind', 'process', '--set', 'kafka.brokers=a:1,b:2', '--title', 'Europe')
  expect(made).toMatchObject({ code: 0, out: `${join(home, 'profiles', 'eu.json')}\n` })
  expect((await run('list')).out).toMatch(/^eu +process +Europe$/m)
  const shown: unknown = JSON.parse((await run('show', 'eu', '--json')).out)
  expect(shown).toMatchObject({
    name: 'eu',
    kind: 'process',
    rowsTo: 'postgres',
    directory: join(home, 'profiles', 'eu'),
    settings: { 'kafka.brokers': { value: 'a:1,b:2', source: 'profile' } },
    lacks: [{ message: 'warehouse.url is missing: a profile of kind process uses PostgreSQL' }],
  })
  expect((await run('show', 'eu')).out).toContain('a:1,b:2')
  expect((await run('lock', 'eu')).code).toBe(0)
  expect(await run('delete', 'eu', '--yes')).toMatchObject({ code: 2, err: expect.stringContaining('is locked') })
  expect((await run('unlock', 'eu')).code).toBe(0)
  expect((await run('rename', 'eu', 'europe')).code).toBe(0)
  expect(await run('delete', 'europe')).toMatchObject({ code: 2, err: expect.stringContaining('say --yes') })
  expect((await run('delete', 'europe', '--yes')).out).toBe('profile europe is deleted\n')
})

it.each([
  [['create', 'eu'], 'a new profile needs a kind'],
  [['create', 'eu', '--kind', 'cluster'], "'cluster' is invalid"],
  [['create', 'eu', '--kind', 'watch', '--extends', 'local'], 'do not go together'],
  [
    ['create', 'eu', '--kind', 'local', '--set', 'kafka.brokers=a'],
    '/kafka/brokers is not used by a profile of kind local',
  ],
  [['create', 'eu', '--kind', 'process', '--set', `kafka.sasl.password=${canary}`], '/kafka/sasl/password is a secret'],
  [['show', 'none'], 'there is no profile "none"'],
  [['show', '../x'], 'must be letters, digits and hyphens'],
  [['import', '/no/such/file'], 'cannot be read: ENOENT'],
])('refuses %j with exit code 2', async (args, message) => {
  const { home, run } = makeRunner()
  const { code, err, out } = await run(...args)
  expect([code, out]).toEqual([2, ''])
  expect(err).not.toContain(canary)
  if (!args.includes('cluster')) expect(err).toContain(message)
  expect(existsSync(join(home, 'profiles', 'eu.json'))).toBe(false)
})

it('imports a client’s properties, and says which variables hold the secrets', async () => {
  const { home, run } = makeRunner()
  const file = join(home, 'Retail Client.properties')
  writeFileSync(
    file,
    [
      'bootstrap.servers=a:1',
      'security.protocol=SASL_SSL',
      'sasl.mechanism=PLAIN',
      `sasl.jaas.config=x.PlainLoginModule required username="ada" password="${canary}";`,
      'linger.ms=5',
    ].join('\n'),
  )
  const { code, err, out } = await run('import', file, '--kind', 'process')
  expect(code).toBe(0)
  expect(out).toContain('profile retail-client: 4 settings')
  expect(err).toContain('STOREPULSE_KAFKA_SASL_PASSWORD (kafka.sasl.password)')
  expect(err).toContain('linger.ms: has no counterpart here')
  expect(`${out}${err}`).not.toContain(canary)
  const kept = readFileSync(join(home, 'profiles', 'retail-client.json'), 'utf8')
  expect(JSON.parse(kept)).toEqual({
    extends: 'process',
    kafka: { brokers: 'a:1', security: 'sasl_ssl', sasl: { mechanism: 'plain', username: 'ada' } },
  })
  const again = await run('import', file, 'retail-client', '--json')
  expect(JSON.parse(again.out)).toMatchObject({
    name: 'retail-client',
    secrets: [{ setting: 'kafka.sasl.password', variable: 'STOREPULSE_KAFKA_SASL_PASSWORD' }],
    ignored: [{ key: 'linger.ms' }],
  })
  expect(await run('import', file, 'retail-client', '--kind', 'watch')).toMatchObject({ code: 2 })
})

it('shows no secret, wherever it comes from, in any form', async () => {
  const secrets = settingTable.filter(({ isSecret }) => isSecret)
  const url = `postgres://ada:${canary}@db/x`
  const valueOf = (name: string): string => {
    if (name.startsWith('warehouse.') && /url$/i.test(name)) return url
    return name === 'redis.url' ? `redis://:${canary}@cache` : canary
  }
  const variables = Object.fromEntries(secrets.map(({ name }) => [environmentName(name), valueOf(name)]))
  const { home, run } = makeRunner({
    ...variables,
    STOREPULSE_ARCHIVE_TARGET: 's3',
    STOREPULSE_KAFKA_BROKERS: 'a:1',
    PGPASSWORD: canary,
  })
  for (const args of [['show', 'process'], ['show', 'process', '--json'], ['list'], ['list', '--json']]) {
    const { code, err, out } = await run(...args)
    expect(code).toBe(0)
    expect(`${out}${err}`).not.toContain(canary)
  }
  expect((await run('show', 'process')).out).toMatch(/^kafka\.sasl\.password +•+ +environment$/m)
  const settings = resolveSettings({ profile: readProfile(home, 'process'), environment: process.env, flags: [] })
  const form = createSettingViews({
    settings,
    profilesDirectory: join(home, 'profiles'),
    profile: 'process',
    storedWindowMs: async () => null,
    partitions: 4,
  })
  expect(JSON.stringify(form.describe())).not.toContain(canary)
  expect(settings.secret('kafka.sasl.password')).toBe(canary)
  expect(JSON.stringify(settingTable.map(({ name }) => settings.shown(name)))).not.toContain(canary)
  mkdirSync(join(home, 'profiles'), { recursive: true })
  expect(await form.save({ 'kafka.sasl.password': canary })).toMatchObject({ saved: false })
  expect(readdirSync(join(home, 'profiles'))).toEqual([])
})

it('shows none of what stands where it should not', async () => {
  const { home, run } = makeRunner()
  mkdirSync(join(home, 'profiles'))
  for (const content of [
    { kafka: { sasl: { password: canary } } },
    { warehouse: { url: `postgres://a:${canary}@b` } },
  ]) {
    writeFileSync(join(home, 'profiles', 'mine.json'), JSON.stringify({ kind: 'process', ...content }))
    const { code, err, out } = await run('show', 'mine')
    expect(code).toBe(2)
    expect(err).toContain('is a secret and must not stand in a profile file')
    expect(`${out}${err}`).not.toContain(canary)
  }
})
