import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readPostgresConnection } from '../../core/settings/postgres-connection.ts'
import { formatPostgresPairs, formatPostgresUrl } from '../../core/settings/postgres-url.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { connectClient } from '../../core/warehouse/postgres/connection.ts'
import { createDatabase, type PostgresServer, runSql, startPostgres } from '../support/services/postgres.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

type Environment = Readonly<Record<string, string>>

const user = 'ada:lovelace@home'
const password = String.raw`p@ss/w%rd?&'\ #x:y`
const database = 'retail = "x"'
const whoSql = `select current_user || '|' || current_database() || '|' || ssl from pg_stat_ssl where pid = pg_backend_pid()`

/** What psql is told by libpq, which reads the same variables and files. */
const askPsql = (environment: Environment, text: string | null): string =>
  execFileSync('psql', ['-X', '-A', '-t', '-c', whoSql, ...(text === null ? [] : ['-d', text])], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

async function askOurselves(environment: Environment, text: string | null): Promise<string> {
  const all = { ...environment, ...(text === null ? {} : { DATABASE_URL: text }) }
  const settings = resolveSettings({ profile: { kind: 'process' }, environment: all, flags: [] })
  const client = await connectClient(readPostgresConnection(settings, all), { isReadOnly: true, answerMs: 10_000 })
  try {
    const { rows } = await client.query({ text: whoSql, rowMode: 'array' })
    return String(rows[0]?.[0])
  } finally {
    await client.end()
  }
}

describeWithServices('PostgreSQL, named as libpq has it', ['postgres'], () => {
  let server: PostgresServer
  let caFile = ''

  beforeAll(async () => {
    server = await startPostgres({ tls: true })
    caFile = server.caFile ?? ''
    createDatabase(server, database.replaceAll('"', '""'))
    runSql(server, `create role "${user}" login password '${password.replaceAll("'", "''")}'`)
  })
  afterAll(() => server.stop())

  async function expectSame(environment: Environment, text: string | null, hasTls: boolean): Promise<void> {
    const home = { HOME: makeTemporaryDirectory(), ...environment }
    const wanted = `${user}|${database}|${hasTls}`
    expect(askPsql(home, text)).toBe(wanted)
    expect(await askOurselves(home, text)).toBe(wanted)
  }
  const place = (): Environment => ({ host: 'localhost', hostaddr: '127.0.0.1', port: String(server.port) })
  const entry = { user, password, dbname: database }

  it('by a URL', async () => {
    await expectSame({}, formatPostgresUrl({ ...place(), ...entry, sslmode: 'disable' }), false)
    await expectSame({}, formatPostgresUrl({ ...place(), ...entry, sslmode: 'verify-full', sslrootcert: caFile }), true)
  })

  it('by names and values', async () => {
    await expectSame({}, formatPostgresPairs({ ...place(), ...entry, sslmode: 'require' }), true)
  })

  it('by variables, the password in a file', async () => {
    const file = join(makeTemporaryDirectory(), 'passwords')
    const escape = (text: string): string => text.replaceAll(/[\\:]/g, String.raw`\$&`)
    const line = ['localhost', String(server.port), database, user, password].map(escape).join(':')
    writeFileSync(file, `# ours\nother:*:*:*:wrong\n${line}\n`, { mode: 0o600 })
    const variables = {
      PGHOST: 'localhost',
      PGHOSTADDR: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: user,
      PGDATABASE: database,
      PGPASSFILE: file,
    }
    await expectSame({ ...variables, PGSSLMODE: 'verify-full', PGSSLROOTCERT: caFile }, null, true)
    await expectSame({ ...variables, PGSSLMODE: 'disable' }, null, false)
  })

  it('by a service, under what the URL says and over the variables', async () => {
    const file = join(makeTemporaryDirectory(), 'services')
    const lines = Object.entries({ ...place(), user, dbname: database, sslmode: 'require' })
    writeFileSync(file, `[other]\nhost=nowhere\n[retail]\n${lines.map((pair) => pair.join('=')).join('\n')}\n`)
    const variables = { PGSERVICEFILE: file, PGPASSWORD: password, PGUSER: 'nobody', PGDATABASE: 'nothing' }
    await expectSame({ ...variables, PGSERVICE: 'retail' }, null, true)
    await expectSame(variables, 'postgres:///?service=retail&sslmode=disable', false)
  })

  it('by an authority in the usual folder', async () => {
    const home = makeTemporaryDirectory()
    mkdirSync(join(home, '.postgresql'))
    writeFileSync(join(home, '.postgresql', 'root.crt'), server.ca ?? '')
    await expectSame({ HOME: home }, formatPostgresUrl({ ...place(), ...entry, sslmode: 'verify-full' }), true)
  })
})
