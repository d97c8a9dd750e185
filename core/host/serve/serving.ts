import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { systemErrorCode } from '../../base/fault.ts'
import { writePrivateFile } from './vault.ts'

/** Where a data directory is served at the moment, as its server recorded it. */
export interface Serving {
  readonly processId: number
  /** Origin of the pages, without a slash at its end. */
  readonly url: string
}

const schema = z.strictObject({ processId: z.int().min(1), url: z.url() })

const fileOf = (folder: string): string => join(folder, 'serving.json')

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // Somebody else's process is one nevertheless.
    return systemErrorCode(error) === 'EPERM'
  }
}

/** Who serves the data directory, or null when nobody does. */
export async function readServing(folder: string): Promise<Serving | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(fileOf(folder), 'utf8')))
    return parsed.success && isAlive(parsed.data.processId) ? parsed.data : null
  } catch (error) {
    if (error instanceof SyntaxError || systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Records where the directory is served; returns what takes the record back, unless another server has put its own. */
export async function announceServing(folder: string, serving: Serving): Promise<() => Promise<void>> {
  await writePrivateFile(fileOf(folder), `${JSON.stringify(serving)}\n`)
  return async () => {
    const current = await readServing(folder)
    if (current?.processId === serving.processId && current.url === serving.url)
      await rm(fileOf(folder), { force: true })
  }
}
