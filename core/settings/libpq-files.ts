import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Fault, systemErrorCode } from '../base/fault.ts'
import type { Environment } from './environment.ts'
import type { PostgresParameters } from './postgres-url.ts'

/**
 * The files libpq looks into: the password file, the service file, and certificates in the user's folder.
 * Sources: PostgreSQL documentation, "The Password File", "The Connection Service File", "SSL Support".
 */

/** The text of a file, or null where there is none. @throws what else the system says */
function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemErrorCode(error) ?? '')) return null
    const why = systemErrorCode(error) ?? 'failed'
    throw new Fault('setting', `${file} cannot be read: ${why}`, { domain: 'user', cause: error })
  }
}

/** Where libpq keeps a user's files, and what it calls them there. */
function userFile(
  environment: Environment,
  platform: NodeJS.Platform,
  names: { readonly windows: string; readonly unix: string },
): string {
  const home = environment.HOME || homedir()
  if (platform !== 'win32') return join(home, names.unix)
  return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'postgresql', names.windows)
}

/** A certificate, key or authority in the user's folder for PostgreSQL, if there is one. */
export function findUserPem(
  name: 'root.crt' | 'postgresql.crt' | 'postgresql.key',
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const file = userFile(environment, platform, { windows: name, unix: join('.postgresql', name) })
  return readIfThere(file) === null ? null : file
}

/** Who a password is looked up for. */
export interface PasswordQuestion {
  /** Every name the server goes by: a socket in its usual folder is `localhost`, too. */
  readonly hosts: readonly string[]
  readonly port: number
  readonly database: string
  readonly user: string
}

/** `host:port:database:user:password`, with \ before : and \; null for comments and what is no such line. */
function splitLine(line: string): readonly string[] | null {
  if (line === '' || line.startsWith('#')) return null
  const fields = (line.match(/(?:[^:\\]|\\.)*(?::|$)/g) ?? []).map((field) => field.replace(/:$/, ''))
  if (fields.length < 5) return null
  return fields.slice(0, 5).map((field) => field.replaceAll(/\\(.)/g, '$1'))
}

/** The password of the first line of a password file that fits, or null. */
export function findPassword(text: string, question: PasswordQuestion): string | null {
  const fits = (field: string | undefined, values: readonly string[]): boolean =>
    field === '*' || (field !== undefined && values.includes(field))
  for (const line of text.split(/\r?\n/)) {
    const fields = splitLine(line)
    if (
      fits(fields?.[0], question.hosts) &&
      fits(fields?.[1], [String(question.port)]) &&
      fits(fields?.[2], [question.database]) &&
      fits(fields?.[3], [question.user])
    ) {
      return fields?.[4] ?? null
    }
  }
  return null
}

/** The password file's text; null when there is none, or when others may read it, which `onNote` is told. */
export function readPasswordFile(
  named: string | undefined,
  environment: Environment,
  onNote: (note: string) => void,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const file = named || userFile(environment, platform, { windows: 'pgpass.conf', unix: '.pgpass' })
  const text = readIfThere(file)
  if (text === null || platform === 'win32' || (statSync(file).mode & 0o077) === 0) return text
  onNote(`${file} is not used: others may read it; allow nobody else to (chmod 600)`)
  return null
}

function listServiceFiles(environment: Environment, platform: NodeJS.Platform): readonly string[] {
  const own = userFile(environment, platform, { windows: '.pg_service.conf', unix: '.pg_service.conf' })
  const system = environment.PGSYSCONFDIR || (platform === 'win32' ? '' : '/etc/postgresql-common')
  return [environment.PGSERVICEFILE || own, ...(system === '' ? [] : [join(system, 'pg_service.conf')])]
}

/** The parameters under `[name]`, or null where the file has no such section. */
export function findService(text: string, name: string): PostgresParameters | null {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const start = lines.indexOf(`[${name}]`)
  if (start < 0) return null
  const parameters: Record<string, string> = {}
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith('[')) break
    const at = line.indexOf('=')
    if (at > 0 && !line.startsWith('#')) parameters[line.slice(0, at).trim()] = line.slice(at + 1).trim()
  }
  return parameters
}

/** @throws Fault `setting` when no service file has it */
export function readService(
  name: string,
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): PostgresParameters {
  const files = listServiceFiles(environment, platform)
  for (const file of files) {
    const found = findService(readIfThere(file) ?? '', name)
    if (found) return found
  }
  throw new Fault('setting', `there is no PostgreSQL service "${name}"`, {
    domain: 'user',
    hint: `add [${name}] to ${files.join(' or ')}, or let PGSERVICEFILE name the file that has it`,
  })
}
