/**
 * Secrets of which only the hash is kept, one small file each.
 *
 * 1. A secret is 32 random bytes; it is told once, when it is made, and is on no disk.
 * 2. The folder and its files are for this user alone.
 * 3. Taking a secret removes its file, which can succeed only once, whatever other process tries.
 */
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import { systemErrorCode } from '../../base/fault.ts'
import type { Role } from '../../protocol/commands.ts'

/** Fresh random bytes from the system. */
export type RandomBytes = (count: number) => Uint8Array

export interface Grant {
  readonly role: Role
  readonly expiresAtMs: number
}

export interface Vault {
  /** Makes a secret that grants `role` for `lifeMs`. */
  add(role: Role, lifeMs: number): Promise<Grant & { readonly secret: string }>
  /** What a secret grants, which then is used up; null for one that is unknown, used or expired. */
  take(secret: string): Promise<Grant | null>
  /** All that still grant something, by the hash of their secret; the others are removed. */
  readAll(): Promise<ReadonlyMap<string, Grant>>
}

const secretBytes = 32
const grantSchema = z.strictObject({ role: z.enum(['view', 'operate']), expiresAtMs: z.int() })

/** 32 random bytes as text that may stand in a URL, a cookie or a header. */
export const makeSecret = (randomBytes: RandomBytes): string =>
  Buffer.from(randomBytes(secretBytes)).toString('base64url')

/** Whether a text could be a secret at all. */
export const isSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Makes a folder that only this user can look into. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
}

/** Writes a file for this user alone; whoever reads it meanwhile sees all of it or none. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const next = join(dirname(file), `.${basename(file)}.${process.pid}`)
  await writeFile(next, text, { mode: 0o600 })
  await rename(next, file)
}

async function readGrant(file: string): Promise<Grant | null> {
  try {
    const parsed = grantSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch (error) {
    // Cut short by a crash, or taken meanwhile: it grants nothing.
    if (error instanceof SyntaxError || systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

async function removeOnce(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Opens the vault in a folder, making that if need be. */
export async function openVault(folder: string, clock: Clock, randomBytes: RandomBytes): Promise<Vault> {
  await makePrivateFolder(folder)
  const isValid = (grant: Grant): boolean => grant.expiresAtMs > clock.nowMs()

  const readAll = async (): Promise<ReadonlyMap<string, Grant>> => {
    const grants = new Map<string, Grant>()
    for (const name of await readdir(folder)) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue
      const grant = await readGrant(join(folder, name))
      if (grant && isValid(grant)) grants.set(name, grant)
      else await rm(join(folder, name), { force: true })
    }
    return grants
  }
  return {
    async add(role, lifeMs) {
      await readAll()
      const secret = makeSecret(randomBytes)
      const grant = { role, expiresAtMs: clock.nowMs() + lifeMs }
      await writePrivateFile(join(folder, hashSecret(secret)), JSON.stringify(grant))
      return { ...grant, secret }
    },
    async take(secret) {
      if (!isSecret(secret)) return null
      const file = join(folder, hashSecret(secret))
      const grant = await readGrant(file)
      if (!grant || !(await removeOnce(file))) return null
      return isValid(grant) ? grant : null
    },
    readAll,
  }
}
