import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { PostgresConnection } from '../../../core/base/connections.ts'
import { Fault } from '../../../core/base/fault.ts'
import { findPassword, findService } from '../../../core/settings/libpq-files.ts'
import {
  namesPostgres,
  type PostgresServers,
  readPostgresConnection,
  readPostgresServers,
} from '../../../core/settings/postgres-connection.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A home without files of PostgreSQL's, so that those of whoever runs the tests play no part. */
const emptyHome = join(tmpdir(), 'storepulse-no-such-home')
const atHome = (environment: Environment): Environment => ({ HOME: emptyHome, ...environment })

const settingsOf = (environment: Environment, flags: readonly string[] = []): ReturnType<typeof resolveSettings> =>
  resolveSettings({ profile: { kind: 'process' }, environment, flags })

function readServers(environment: Environment, flags: readonly string[] = []): PostgresServers {
  return readPostgresServers(settingsOf(environment, flags), atHome(environment))
}
const read = (environment: Environment, flags: readonly string[] = []): PostgresConnection =>
  readPostgresConnection(settingsOf(environment, flags), atHome(environment))

function findFault(action: () => unknown): Fault {
  try {
    action()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was refused')
}

it('reads a whole URL', () => {
  expect(read({ DATABASE_URL: 'postgres://ada:s3%40@db:5433/retail?sslmode=require' })).toEqual({
    host: 'db',
    port: 5433,
    user: 'ada',
    password: 's3@',
    database: 'retail',
    tls: { mode: 'require', ca: null, cert: null, key: null },
  })
})

it('knows what libpq would take where nothing is said', () => {
  const { username } = userInfo()
  expect(read({ DATABASE_URL: 'postgres://db' })).toEqual({
    host: 'db',
    port: 5432,
    user: username,
    password: null,
    database: username,
    tls: { mode: 'prefer', ca: null, cert: null, key: null },
  })
  expect(read({ DATABASE_URL: 'postgres://ada@db' }).database).toBe('ada')
})

it('takes all of it from PG* variables', () => {
  const environment = {
    PGHOST: '/var/run/postgresql',
    PGPORT: '5433',
    PGUSER: 'ada',
    PGPASSWORD: 'secret',
    PGDATABASE: 'retail',
    PGSSLMODE: 'verify-full',
  }
  const { tls, ...rest } = read(environment)
  expect(rest).toEqual({ host: '/var/run/postgresql', port: 5433, user: 'ada', password: 'secret', database: 'retail' })
  expect(tls.mode).toBe('verify-full')
})

it('lets variables fill a URL, but never turn it to another server', () => {
  const environment = {
    PGHOST: 'other',
    PGHOSTADDR: '10.0.0.9',
    PGPORT: '9999',
    PGPASSWORD: 'secret',
    PGDATABASE: 'all',
  }
  const { host, password, port, database } = read({ ...environment, DATABASE_URL: 'postgres://ada@db/retail' })
  expect([host, port, password, database]).toEqual(['db', 5432, 'secret', 'retail'])
  expect(read({ ...environment, DATABASE_URL: 'postgres:///retail' }).port).toBe(9999)
})

it('refuses when nothing says which server', () => {
  for (const environment of [{}, { PGUSER: 'ada', PGPASSWORD: 'canary', PGPORT: '5433' }]) {
    expect(namesPostgres(settingsOf(environment), environment)).toBe(false)
    const fault = findFault(() => read(environment))
    expect([fault.code, fault.message]).toEqual([
      'setting',
      'warehouse.url is missing: a profile of kind process uses PostgreSQL',
    ])
    expect(fault.hint).toContain('STOREPULSE_DATABASE_URL or DATABASE_URL or PGHOST')
  }
})

it('takes several servers in the order they are named, and says which is used', () => {
  const { connections, notes } = readServers({
    DATABASE_URL: 'postgres://ada@a:1,b:2,[::1]/x?target_session_attrs=primary',
  })
  expect(connections.map(({ host, port }) => [host, port])).toEqual([
    ['a', 1],
    ['b', 2],
    ['::1', 5432],
  ])
  expect(notes).toEqual([
    '3 servers are named: the first that takes writes is written, the first that answers only read',
  ])
  expect(readServers({ DATABASE_URL: 'postgres://a/x?target_session_attrs=standby' }).notes).toEqual([
    'not used: target_session_attrs',
  ])
})

it('reads from the replica where one is named', () => {
  const environment = { DATABASE_URL: 'postgres://main/x', STOREPULSE_WAREHOUSE_READ_URL: 'host=replica dbname=y' }
  const settings = settingsOf(environment)
  expect(readPostgresConnection(settings, atHome(environment), 'read')).toMatchObject({
    host: 'replica',
    database: 'y',
  })
  expect(readPostgresConnection(settings, atHome(environment), 'write')).toMatchObject({ host: 'main', database: 'x' })
})

it.each([
  ['mysql://ada:canary@db/x', '/warehouse/url must begin with postgres://'],
  ['postgres://ada:canary@a,b/x?port=1,2,3', 'there are 2 hosts and 3 ports'],
  ['postgres://ada:canary@db/x?sslmode=canary', 'sslmode is none that PostgreSQL has'],
  ['postgres://ada:canary@db/x?sslmod=require', 'PostgreSQL has no such parameter as one that begins with ssl'],
  ['postgres://ada:canary@db/x?service=none', 'there is no PostgreSQL service "none"'],
  ['postgres://ada:canary@db/x?sslrootcert=canary', 'sslrootcert is neither PEM nor a file that can be read: ENOENT'],
])('refuses %s without its password', (url, message) => {
  const fault = findFault(() => read({ DATABASE_URL: url }))
  expect(fault.message).toBe(message)
  expect(JSON.stringify([fault.message, fault.hint, String(fault.cause)])).not.toContain('canary')
})

it('takes the first fitting line of the password file', () => {
  const text = [
    '# db:5432:retail:ada:comment',
    'db:5433:*:ada:wrong-port',
    'db:5432:sales:ada:wrong-database',
    String.raw`db:*:retail:ada:with\:colon and \\`,
    '*:*:*:*:any',
  ].join('\r\n')
  const question = { hosts: ['db'], port: 5432, database: 'retail', user: 'ada' }
  expect(findPassword(text, question)).toBe('with:colon and \\')
  expect(findPassword(text, { ...question, user: 'bob' })).toBe('any')
  expect(findPassword('db:5432:retail', question)).toBeNull()
})

it('finds the password of a user’s own file, unless others may read that', () => {
  const home = makeTemporaryDirectory()
  const named = join(home, 'passwords')
  for (const file of [join(home, '.pgpass'), named]) {
    writeFileSync(file, `localhost:*:retail:ada:${file === named ? 'named' : 'usual'}\n`, { mode: 0o600 })
  }
  const environment = { HOME: home, APPDATA: home, PGHOST: '/tmp', PGUSER: 'ada', PGDATABASE: 'retail' }
  expect(read({ ...environment, PGPASSFILE: named }).password).toBe('named')
  expect(read({ ...environment, PGPASSFILE: named, PGPASSWORD: 'own' }).password).toBe('own')
  if (process.platform === 'win32') return
  expect(read(environment).password).toBe('usual')
  chmodSync(named, 0o644)
  const { connections, notes } = readServers({ ...environment, PGPASSFILE: named })
  expect(connections[0]?.password).toBeNull()
  expect(notes).toEqual([`${named} is not used: others may read it; allow nobody else to (chmod 600)`])
})

it('reads a service, under what the URL says and over the variables', () => {
  const file = join(makeTemporaryDirectory(), 'services')
  writeFileSync(
    file,
    '# all\n[other]\nhost=other\n\n[retail]\nhost = service-host\nport=5439\nuser=ada\ndbname=sales\n[x]\nhost=x\n',
  )
  const environment = { PGSERVICEFILE: file, PGSERVICE: 'retail', PGUSER: 'bob', PGHOST: 'variable', PGPASSWORD: 'p' }
  expect(read(environment)).toMatchObject({
    host: 'service-host',
    port: 5439,
    user: 'ada',
    password: 'p',
    database: 'sales',
  })
  expect(read({ ...environment, DATABASE_URL: 'postgres://db' })).toMatchObject({ host: 'db', port: 5432, user: 'ada' })
  expect(findService('[a]\nhost=b', 'c')).toBeNull()
  expect(findFault(() => read({ ...environment, PGSERVICE: 'none' })).hint).toContain(file)
})

function makeKeys(): { readonly folder: string; readonly file: (name: string) => string } {
  const folder = makeTemporaryDirectory()
  const run = (...parts: readonly string[]): void => {
    execFileSync('openssl', parts, { cwd: folder, stdio: 'ignore' })
  }
  run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=a', '-keyout', 'a.key', '-out', 'a.crt')
  run('pkcs8', '-topk8', '-in', 'a.key', '-passout', 'pass:canary', '-out', 'locked.key')
  return { folder, file: (name) => join(folder, name) }
}

it('reads certificates as PEM, from settings before the URL before the usual folder, and opens a locked key', () => {
  const { folder, file } = makeKeys()
  const usual = process.platform === 'win32' ? join(folder, 'postgresql') : join(folder, '.postgresql')
  mkdirSync(usual)
  writeFileSync(join(usual, 'root.crt'), '-----BEGIN CERTIFICATE-----\nusual\n-----END CERTIFICATE-----\n')
  const environment = { HOME: folder, APPDATA: folder }
  const url = `postgres://db/x?sslmode=verify-full&sslcert=${file('a.crt')}&sslkey=${file('locked.key')}`
  const { tls } = read({ ...environment, DATABASE_URL: `${url}&sslpassword=canary` })
  expect(tls.ca).toContain('usual')
  expect(tls.cert).toContain('BEGIN CERTIFICATE')
  expect(tls.key).toContain('BEGIN PRIVATE KEY')
  const pasted = '-----BEGIN CERTIFICATE-----\\nown\\n-----END CERTIFICATE-----'
  expect(
    read({ ...environment, DATABASE_URL: `${url}&sslpassword=canary` }, [`warehouse.ssl.ca=${pasted}`]).tls.ca,
  ).toBe('-----BEGIN CERTIFICATE-----\nown\n-----END CERTIFICATE-----\n')
  expect(read({ ...environment, DATABASE_URL: `${url}&sslpassword=canary&sslrootcert=system` }).tls.ca).toBeNull()
  expect(findFault(() => read({ ...environment, DATABASE_URL: url })).message).toBe(
    'warehouse.ssl.passphrase is missing: the key is encrypted',
  )
  const wrong = findFault(() => read({ ...environment, DATABASE_URL: `${url}&sslpassword=wr0ng` }))
  expect(wrong.message).toBe('warehouse.ssl.key is not opened by its passphrase')
  expect(JSON.stringify([wrong.message, wrong.hint, String(wrong.cause)])).not.toContain('wr0ng')
})

it('takes the mode of the setting before that of the URL, and none of the files without TLS', () => {
  const environment = { DATABASE_URL: 'postgres://db/x?sslmode=require&sslrootcert=/no/such/file' }
  expect(read(environment, ['warehouse.ssl.mode=disable']).tls).toEqual({
    mode: 'disable',
    ca: null,
    cert: null,
    key: null,
  })
  expect(readServers({ DATABASE_URL: 'postgres://db/x?sslmode=allow' }).notes).toHaveLength(1)
})
