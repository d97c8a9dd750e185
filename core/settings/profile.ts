import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeError, Fault, systemErrorCode } from '../base/fault.ts'

/** Profiles that come with the program. */
const builtIn = ['local'] as const
/** Names kept for profiles that need a cluster or a packaged demo build. */
const reserved = ['watch', 'process', 'kafka-local', 'demo'] as const

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The profile's own settings, nested by section. A profile of the user's own is a JSON file `<name>.json` in the
 * profiles folder; the built-in ones need none.
 *
 * @throws Fault `setting` when the name is unknown or the file is no JSON object
 */
export function readProfile(profilesDirectory: string, name: string): Readonly<Record<string, unknown>> {
  if (!/^[a-z0-9][a-z0-9-]*$/i.test(name)) {
    throw new Fault('setting', `profile "${name}" must be letters, digits and hyphens`, { domain: 'user' })
  }
  const file = join(profilesDirectory, `${name}.json`)
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isObject(parsed)) throw new Fault('setting', `${file} must hold one JSON object`, { domain: 'user' })
    return parsed
  } catch (error) {
    if (error instanceof Fault) throw error
    // A data directory that is no directory is said when it is opened.
    if (!['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) {
      throw new Fault('setting', `${file}: ${describeError(error)}`, { domain: 'user', cause: error })
    }
  }
  if (builtIn.some((known) => known === name)) return {}
  if (reserved.some((known) => known === name)) {
    throw new Fault('setting', `profile "${name}" is not part of this build`, {
      domain: 'user',
      hint: 'use --profile local',
    })
  }
  throw new Fault('setting', `there is no profile "${name}"`, {
    domain: 'user',
    hint: `write ${file} or use --profile local`,
  })
}
