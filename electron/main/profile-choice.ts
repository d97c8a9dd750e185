import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const choiceSchema = z.object({ profile: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/i) })

/** The profile that was open last, or null when none is known. */
export function readProfileChoice(file: string): string | null {
  try {
    const parsed = choiceSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.data.profile : null
  } catch {
    // Without it the app opens as at its first start.
    return null
  }
}

/** Writes it, whole or not at all. */
export function writeProfileChoice(file: string, profile: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify({ profile }))
  renameSync(`${file}.new`, file)
}
