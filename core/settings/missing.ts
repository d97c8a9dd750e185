import { Fault } from '../base/fault.ts'
import { listVariables } from './environment.ts'
import { findSetting } from './table.ts'

/**
 * What a profile lacks: the setting, and the variable that sets it.
 *
 * @param because what asks for it, as the second half of a sentence
 * @param more further variables that would do
 */
export function refuseMissing(name: string, because: string, more: readonly string[] = []): Fault {
  const entry = findSetting(name)
  const variables = [...(entry ? listVariables(entry) : []), ...more]
  const other = entry?.isSecret === true ? 'keep it in the keyring of the app' : `set ${name} in the profile`
  return new Fault('setting', `${name} is missing: ${because}`, {
    domain: 'user',
    hint: `set ${variables.join(' or ')}, or ${other}`,
  })
}
