import { z } from 'zod'
import { findDataDirectory } from '../../core/settings/data-directory.ts'

const startSchema = z.strictObject({
  profile: z.string(),
  isChosen: z.boolean().default(true),
  flags: z.array(z.string()),
})

export interface StartRequest {
  readonly dataDirectory: string
  readonly profile: string
  /** The command names the profile; else the one that was open last is meant. */
  readonly isChosen?: boolean
  readonly flags: readonly string[]
}

/** What `storepulse start` asks for; opened without it (from a menu of the system), the usual things. */
export function readStartRequest(environment: Readonly<Record<string, string | undefined>>): StartRequest {
  const dataDirectory = findDataDirectory(environment)
  const text = environment.STOREPULSE_START
  if (text === undefined) return { dataDirectory, profile: 'local', flags: [] }
  return { dataDirectory, ...startSchema.parse(JSON.parse(text)) }
}
