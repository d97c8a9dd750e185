import { execFileSync } from 'node:child_process'
import { chownSync, copyFileSync, cpSync, lchownSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Authority, createAuthority } from './certificates.ts'
import { servicesFolder } from './machine.ts'
import { postgresFolder } from './postgres-install.ts'
import { type OwnServer, startOwnServer } from './server-controls.ts'
import { findFreePorts, makeServerDirectory } from './server-process.ts'

export interface PostgresOptions {
  /** Major version; without it the machine's newest. */
  readonly version?: string
  /** Settings as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Takes TLS too, with a certificate of an authority of its own. */
  readonly tls?: boolean
  /** Refuses who comes without TLS. */
  readonly tlsOnly?: boolean
}

/** Where a server is and how to get in; plain data. The user is a superuser. */
export interface PostgresAddress {
  /** Of the database `storepulse`. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** Certificate of the authority that signed the server's, and its file; null without TLS. */
  readonly ca: string | null
  readonly caFile: string | null
}

/** Ends fast (SIGINT) unless told otherwise; paused, new connections hang and open ones go on. */
export type PostgresServer = PostgresAddress & OwnServer

const user = 'storepulse'
const password = 'till-closing-time'
const database = 'storepulse'

/** PostgreSQL refuses to run as root: there it runs as the user that Debian's package made. */
export function findUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const read = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
  return { uid: read('-u'), gid: read('-g') }
}

const environment = { LC_ALL: 'C.UTF-8', PGPASSWORD: password }

/** Runs SQL, one statement, with psql. Returns what it prints, unaligned, without headings. */
export function runSql(address: PostgresAddress, sql: string, inDatabase = address.database): string {
  const { host, port } = address
  const target = ['-h', host, '-p', String(port), '-U', address.user, '-d', inDatabase]
  return execFileSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...target, '-c', sql], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, PGPASSWORD: address.password },
  }).trimEnd()
}

/** Makes an empty database of that name. Returns its address. */
export function createDatabase<Address extends PostgresAddress>(address: Address, name: string): Address {
  runSql(address, `create database "${name}"`, 'postgres')
  const url = new URL(address.url)
  url.pathname = `/${name}`
  return { ...address, url: url.href, database: name }
}

/** A start-up message of protocol 3.0: whoever answers it takes logins. */
function probePostgres(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const text = Buffer.from(`user\0${user}\0database\0postgres\0\0`)
    const head = Buffer.alloc(8)
    head.writeInt32BE(8 + text.length, 0)
    head.writeInt32BE(196_608, 4)
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([head, text])))
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer within 5 s')))
    socket.once('error', reject)
    socket.once('data', (answer: Buffer) => {
      // R asks for a password; E with 57P03 is still starting, any other refusal is one of a server that is up.
      if (answer[0] === 0x45 && answer.includes('57P03')) reject(new Error('it is starting up'))
      else resolve()
      socket.destroy()
    })
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}

/** Certificate and key where the server looks for them. */
function layOutCertificate(directory: string, data: string): Authority {
  const authority = createAuthority(directory)
  const server = authority.issue('localhost', ['localhost', '127.0.0.1'])
  copyFileSync(server.certificateFile, join(data, 'server.crt'))
  writeFileSync(join(data, 'server.key'), server.key, { mode: 0o600 })
  return authority
}

function writeSettings(data: string, port: number, { settings = {}, tls, tlsOnly }: PostgresOptions): void {
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // A test's data is gone with it: nothing is written twice for the day the power fails.
    fsync: 'off',
    full_page_writes: 'off',
    ssl: tls || tlsOnly ? 'on' : 'off',
    timezone: 'UTC',
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''))
  const kind = tlsOnly ? 'hostssl' : 'host'
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `${kind} all all 127.0.0.1/32 scram-sha-256\n${kind} replication all 127.0.0.1/32 scram-sha-256\n`,
  )
}

function chownAll(folder: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  chownSync(folder, uid, gid)
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(folder, name), uid, gid)
}

/** A user of its own cannot look into the home of the one who installed it: what lies there is copied. */
function placePrograms(folder: string, directory: string, isForAnotherUser: boolean): string {
  if (!isForAnotherUser || !folder.startsWith(servicesFolder)) return folder
  const copy = join(directory, 'programs')
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

/** Starts a PostgreSQL of its own with the database `storepulse`. Whoever starts it stops it. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const directory = makeServerDirectory('postgres')
  const data = join(directory, 'data')
  const runsAs = findUser()
  const programs = join(placePrograms(postgresFolder(options.version), directory, runsAs !== null), 'bin')
  const [port = 0] = await findFreePorts(1)
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, password)
  if (runsAs) chownAll(directory, runsAs)
  const identity = ['-U', user, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, ...identity, '-E', 'UTF8', '--locale', 'C.UTF-8', '--no-sync', '--no-instructions'],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], ...runsAs },
  )
  const authority = options.tls || options.tlsOnly ? layOutCertificate(directory, data) : null
  writeSettings(data, port, options)
  if (runsAs) chownAll(directory, runsAs)
  const address: PostgresAddress = {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    host: '127.0.0.1',
    port,
    user,
    password,
    database,
    ca: authority?.certificate ?? null,
    caFile: authority?.certificateFile ?? null,
  }
  const server = await startOwnServer(
    {
      program: join(programs, 'postgres'),
      args: ['-D', data],
      directory,
      output: 'postgres.log',
      environment,
      ...(runsAs ? { user: runsAs } : {}),
      probe: () => probePostgres(port),
    },
    { halt: 'SIGINT', stop: 'SIGQUIT' },
    () => void createDatabase(address, database),
  )
  return { ...address, ...server }
}
