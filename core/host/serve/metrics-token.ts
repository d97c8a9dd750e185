import { timingSafeEqual } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from '../../base/fault.ts'
import { hashSecret, isSecret, makeSecret, type RandomBytes } from './vault.ts'

/** The token whoever collects metrics has to show; it stays until its file is deleted. */
export interface MetricsToken {
  readonly file: string
  /** Whether an `Authorization` header shows it. */
  isShownIn(authorization: string | undefined): boolean
}

async function readToken(file: string): Promise<string | null> {
  try {
    const token = (await readFile(file, 'utf8')).trim()
    return isSecret(token) ? token : null
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Reads the token of a folder, making one where there is none; its file is for this user alone. */
export async function openMetricsToken(folder: string, randomBytes: RandomBytes): Promise<MetricsToken> {
  const file = join(folder, 'metrics.token')
  let token = await readToken(file)
  if (token === null) {
    token = makeSecret(randomBytes)
    await writeFile(file, `${token}\n`, { mode: 0o600 })
  }
  await chmod(file, 0o600)
  const expected = Buffer.from(hashSecret(token))
  return {
    file,
    isShownIn(authorization) {
      const shown = /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(authorization ?? '')?.[1]
      // Hashes are of one length, and comparing them tells nothing about what was hashed.
      return shown !== undefined && timingSafeEqual(Buffer.from(hashSecret(shown)), expected)
    },
  }
}
