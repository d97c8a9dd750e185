import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { PostgresConnection, PostgresTlsMode } from '../base/connections.ts'
import { Fault } from '../base/fault.ts'
import type { Environment } from './environment.ts'
import { findPassword, readPasswordFile, readService } from './libpq-files.ts'
import { refuseMissing } from './missing.ts'
import { readPostgresTls } from './postgres-tls.ts'
import { parsePostgres, type PostgresParameters } from './postgres-url.ts'
import type { Settings } from './settings.ts'

/** What a profile and the environment say about PostgreSQL. */
export interface PostgresServers {
  /** In the order they are named; never empty. */
  readonly connections: readonly PostgresConnection[]
  /** What whoever set this up should know: what is not used, and why. */
  readonly notes: readonly string[]
}

/** Variables that libpq reads, by the parameter they stand for. */
const variables: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  service: 'PGSERVICE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
}
const used = [...Object.keys(variables), 'sslpassword']
/** What libpq has besides, and we have no use for. */
const unusedTls = new Set([
  'sslcompression',
  'sslcrl',
  'sslcrldir',
  'sslsni',
  'sslnegotiation',
  'sslcertmode',
  'sslinline',
])
/** Where a server is: taken together from one place, so that none of it turns a connection to another server. */
const place = ['host', 'hostaddr', 'port']

const refuse = (message: string, hint: string): Fault => new Fault('setting', message, { domain: 'user', hint })

const without = (parameters: PostgresParameters, names: readonly string[]): PostgresParameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)))

/** What is missing in `given` from `more`; the place of a server only as a whole. */
function fill(given: PostgresParameters, more: PostgresParameters): PostgresParameters {
  const hasPlace = given.host !== undefined || given.hostaddr !== undefined
  return { ...(hasPlace ? without(more, place) : more), ...given }
}

function readVariables(environment: Environment): PostgresParameters {
  const found = Object.entries(variables).flatMap(([name, variable]) => {
    const value = environment[variable]
    return value ? [[name, value] as const] : []
  })
  return Object.fromEntries(found)
}

function readParameters(name: string, text: string, environment: Environment): PostgresParameters {
  const parsed = parsePostgres(text)
  if (!parsed.ok) throw new Fault('setting', `/${name.replaceAll('.', '/')} ${parsed.rule}`, { domain: 'user' })
  const given = Object.fromEntries(Object.entries(parsed.parameters).filter(([, value]) => value !== ''))
  const fromVariables = readVariables(environment)
  const service = given.service ?? fromVariables.service
  const withService = service === undefined ? given : fill(given, readService(service, environment))
  return fill(withService, fromVariables)
}

/** The usual folders of a local server's socket, else this machine. */
const findLocalServer = (port: string): string =>
  ['/var/run/postgresql', '/tmp'].find(
    (folder) => process.platform !== 'win32' && existsSync(`${folder}/.s.PGSQL.${port}`),
  ) ?? 'localhost'

interface Place {
  readonly host: string
  readonly port: number
}

function listPlaces(parameters: PostgresParameters, mode: PostgresTlsMode): readonly Place[] {
  // An address spares looking up the name; a certificate is for the name.
  const byName = parameters.host !== undefined && (mode === 'verify-full' || parameters.hostaddr === undefined)
  const hosts = ((byName ? parameters.host : parameters.hostaddr) ?? '').split(',').map((host) => host.trim())
  const ports = (parameters.port ?? '').split(',').map((port) => port.trim())
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw refuse(
      `there are ${hosts.length} hosts and ${ports.length} ports`,
      'give one port for all hosts, or one each',
    )
  }
  return hosts.map((host, index) => {
    const port = (ports.length === 1 ? ports[0] : ports[index]) || '5432'
    if (!/^\d{1,5}$/.test(port)) throw refuse('a port of PostgreSQL is no number', 'check PGPORT and the service file')
    return { host: host || findLocalServer(port), port: Number(port) }
  })
}

/** The user of this machine, as libpq takes it; a container may have none. */
function findUserName(): string {
  try {
    return userInfo().username
  } catch (error) {
    const hint = 'name one in the URL or set PGUSER'
    throw new Fault('setting', 'there is no user to sign in to PostgreSQL as', { domain: 'user', cause: error, hint })
  }
}

/** What is done anyway where several servers are named. */
const isOurChoice = (name: string, value: string | undefined): boolean =>
  name === 'target_session_attrs' && ['read-write', 'primary'].includes(value ?? '')

function checkUnused(parameters: PostgresParameters, places: readonly Place[], onNote: (note: string) => void): void {
  // One letter wrong, and a connection would not be protected as it was meant to be.
  const mistaken = Object.keys(parameters).find(
    (name) => /^ssl/i.test(name) && !used.includes(name) && !unusedTls.has(name),
  )
  if (mistaken !== undefined) {
    throw refuse(
      'PostgreSQL has no such parameter as one that begins with ssl',
      'use sslmode, sslrootcert, sslcert, sslkey',
    )
  }
  const unused = Object.keys(parameters).filter((name) => !used.includes(name) && !isOurChoice(name, parameters[name]))
  if (unused.length > 0) onNote(`not used: ${unused.join(', ')}`)
  if (places.length < 2) return
  onNote(`${places.length} servers are named: the first that takes writes is written, the first that answers only read`)
}

/** Which of the two a connection is for: writing windows, or reading what somebody wrote. */
export type PostgresUse = 'write' | 'read'

/** The setting that names the server: `warehouse.readUrl` for reading, where it is set. */
const findUrl = (settings: Settings, use: PostgresUse): readonly [string, string] => {
  const readUrl = settings.secret('warehouse.readUrl')
  return use === 'read' && readUrl !== ''
    ? ['warehouse.readUrl', readUrl]
    : ['warehouse.url', settings.secret('warehouse.url')]
}

/** Variables of libpq that say where a server is; a user or a password alone does not. */
const placeVariables = ['PGHOST', 'PGHOSTADDR', 'PGSERVICE', 'PGDATABASE']

/** Whether anything says which PostgreSQL is meant. */
export const namesPostgres = (settings: Settings, environment: Environment, use: PostgresUse = 'write'): boolean =>
  findUrl(settings, use)[1] !== '' || placeVariables.some((variable) => environment[variable])

/**
 * The PostgreSQL servers that settings and environment describe, as libpq reads them: what the URL or key=value text does
 * not say comes from a service file (`PGSERVICE`), then from `PG*` variables, the password at last from the password
 * file. Where the text names a host, no variable changes host or port.
 *
 * @throws Fault `setting` naming what is missing and the variable for it, or what cannot be read; never a secret
 */
export function readPostgresServers(
  settings: Settings,
  environment: Environment,
  use: PostgresUse = 'write',
): PostgresServers {
  const [name, text] = findUrl(settings, use)
  if (!namesPostgres(settings, environment, use)) {
    throw refuseMissing(name, `a profile of kind ${settings.profile.kind} uses PostgreSQL`, ['PGHOST'])
  }
  const notes: string[] = []
  const onNote = (note: string): void => void notes.push(note)
  const parameters = readParameters(name, text, environment)
  const tls = readPostgresTls(settings, parameters, environment, onNote)
  const places = listPlaces(parameters, tls.mode)
  const user = parameters.user ?? findUserName()
  const database = parameters.dbname ?? user
  const file = parameters.password === undefined ? readPasswordFile(parameters.passfile, environment, onNote) : null
  checkUnused(parameters, places, onNote)
  const names = (parameters.host ?? '').split(',')
  const connections = places.map(({ host, port }, index) => {
    const hosts = [names[index]?.trim() || host, ...(host.startsWith('/') ? ['localhost'] : [])]
    const kept = file === null ? null : findPassword(file, { hosts, port, database, user })
    return { host, port, user, password: parameters.password ?? kept, database, tls }
  })
  return { connections, notes }
}

/** The first of {@link readPostgresServers}. @throws as that does */
export function readPostgresConnection(
  settings: Settings,
  environment: Environment,
  use: PostgresUse = 'write',
): PostgresConnection {
  const [first] = readPostgresServers(settings, environment, use).connections
  if (!first) throw new Fault('internal', 'no PostgreSQL server is left')
  return first
}
