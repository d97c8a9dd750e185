import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** Encrypts with a key that the system keeps for this user. */
export interface Cipher {
  /** Why it protects nothing here, or null. */
  refusal(): Promise<string | null>
  encrypt(text: string): Promise<Buffer>
  decrypt(bytes: Buffer): Promise<string>
}

/**
 * The secrets of profiles, each encrypted, in a file beside the profile's data.
 *
 * 1. Names of settings stand in it as they are, secrets never do.
 * 2. It is written whole or not at all, readable for this user alone.
 */
export interface SecretStore {
  refusal(): Promise<string | null>
  /** @throws Error when what is kept cannot be read or opened */
  recall(profile: string): Promise<Readonly<Record<string, string>>>
  /** Null forgets one. All are kept, or none. */
  keep(profile: string, changes: Readonly<Record<string, string | null>>): Promise<void>
}

const fileSchema = z.object({ secrets: z.record(z.string(), z.base64()) })
type Encrypted = z.infer<typeof fileSchema>['secrets']

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))

function readEncrypted(file: string): Encrypted {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).secrets
  } catch (error) {
    if (isMissing(error)) return {}
    throw new Error(`${file} cannot be read: delete it and enter the secrets again`, { cause: error })
  }
}

function writeEncrypted(file: string, secrets: Encrypted): void {
  if (Object.keys(secrets).length === 0) return rmSync(file, { force: true })
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const handle = openSync(`${file}.new`, 'w', 0o600)
  try {
    writeSync(handle, JSON.stringify({ secrets }))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(`${file}.new`, file)
}

/** @param fileOf where the secrets of a profile are kept */
export function createSecretStore(fileOf: (profile: string) => string, cipher: Cipher): SecretStore {
  const open = async ([name, text]: readonly [string, string]): Promise<readonly [string, string]> => {
    try {
      return [name, await cipher.decrypt(Buffer.from(text, 'base64'))]
    } catch (error) {
      throw new Error(`the keyring does not open ${name}: enter it again`, { cause: error })
    }
  }
  return {
    refusal: () => cipher.refusal(),
    async recall(profile) {
      const entries = Object.entries(readEncrypted(fileOf(profile)))
      return Object.fromEntries(await Promise.all(entries.map(open)))
    },
    async keep(profile, changes) {
      const refusal = await cipher.refusal()
      const hasNew = Object.values(changes).some((secret) => secret !== null)
      if (refusal !== null && hasNew) throw new Error(refusal)
      const encrypted = await Promise.all(
        Object.entries(changes).map(
          async ([name, secret]) =>
            [name, secret === null ? null : (await cipher.encrypt(secret)).toString('base64')] as const,
        ),
      )
      const after = Object.entries({ ...readEncrypted(fileOf(profile)), ...Object.fromEntries(encrypted) })
      const kept = after.flatMap(([name, text]) => (text === null ? [] : [[name, text] as const]))
      writeEncrypted(fileOf(profile), Object.fromEntries(kept))
    },
  }
}
