import { readFileSync } from 'node:fs'
import { Fault, systemErrorCode } from '../base/fault.ts'
import type { SettingEntry } from './entries.ts'
import { environmentName } from './table.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says about one setting. */
export interface FoundVariable {
  readonly variable: string
  readonly text: string
  /** Whether the variable's name does not tell the setting's. */
  readonly isAlias: boolean
}

/** The variables that mean a setting, in order of precedence; those of a secret have a `…_FILE` beside them. */
export const listVariables = (entry: SettingEntry): readonly string[] => [environmentName(entry.name), ...entry.aliases]

function readSecretFile(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new Fault(
      'setting',
      `the file that ${variable} names cannot be read: ${systemErrorCode(error) ?? 'failed'}`,
      {
        domain: 'user',
        cause: error,
        hint: `let ${variable} name a file with the secret and nothing else in it`,
      },
    )
  }
}

/**
 * The first variable that is set for it; of a secret also the contents of the file that `<variable>_FILE` names, without
 * the line end after it. A variable of a service's setting that is empty counts as not set.
 *
 * @throws Fault `setting` when a variable and its file are both there, or the file cannot be read
 */
export function readEnvironment(entry: SettingEntry, environment: Environment): FoundVariable | null {
  for (const [index, variable] of listVariables(entry).entries()) {
    const isAlias = index > 0
    const text = environment[variable]
    const isSet = text !== undefined && (text !== '' || entry.service === null)
    // `DATABASE_URL_FILE` is nobody's convention: only variables of our own have files.
    const file = entry.isSecret && variable.startsWith('STOREPULSE_') ? environment[`${variable}_FILE`] : undefined
    if (file) {
      if (isSet) {
        const message = `${variable} and ${variable}_FILE are both set`
        throw new Fault('setting', message, { domain: 'user', hint: 'unset one of them' })
      }
      return { variable: `${variable}_FILE`, text: readSecretFile(`${variable}_FILE`, file), isAlias }
    }
    if (isSet) return { variable, text, isAlias }
  }
  return null
}
