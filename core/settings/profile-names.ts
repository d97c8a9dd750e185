import { Fault } from '../base/fault.ts'
import { findProfileKind } from './profile-kind.ts'

export const refuseProfile = (message: string, hint?: string): Fault =>
  new Fault('setting', message, { domain: 'user', ...(hint === undefined ? {} : { hint }) })

/** Kept for packaged demo builds. */
export const reservedNames: readonly string[] = ['demo']

/** Names that Windows keeps for devices, in every folder. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)$/
const longestTitle = 60

/** @throws Fault `setting` for a name that no new profile can have on every system */
export function checkNewName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
    throw refuseProfile('the name of a profile must be small letters, digits and hyphens, at most 40')
  }
  if (findProfileKind(name) || reservedNames.includes(name) || deviceName.test(name)) {
    throw refuseProfile(`"${name}" cannot be the name of a profile of your own`, 'choose another name')
  }
}

/** Without blanks around it. @throws Fault `setting` */
export function checkTitle(title: string): string {
  const trimmed = title.trim()
  if (trimmed === '') throw refuseProfile('/title must not be empty')
  if (trimmed.length > longestTitle) throw refuseProfile(`/title must have at most ${longestTitle} characters`)
  if (/\p{Cc}/u.test(trimmed)) throw refuseProfile('/title must be one line')
  return trimmed
}
