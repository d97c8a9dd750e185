import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeError, Fault, systemErrorCode } from '../base/fault.ts'
import { lockFile } from '../duckdb/file-lock.ts'
import type { DataPaths } from '../settings/data-directory.ts'

/** Who holds a data directory, as recorded in it. Only the lock decides; this is how to reach them. */
export interface OwnerRecord {
  readonly processId: number
  readonly command: string
  /** Path of the unix socket or named pipe the owner listens on. */
  readonly socket: string
  readonly startedAt: string
}

export interface OwnerHold {
  readonly socket: string
  /** Writes who holds the directory; called once the socket is listening. */
  announce(record: OwnerRecord): Promise<void>
  release(): Promise<void>
}

/** Unix socket paths end at 104 bytes on macOS and 108 on Linux. */
const longestSocketPath = 100

function chooseSocket(paths: DataPaths): string {
  const digest = createHash('sha256').update(paths.root).digest('hex').slice(0, 24)
  if (process.platform === 'win32') return `\\\\.\\pipe\\storepulse-${digest}`
  const inside = join(paths.root, 'host.sock')
  return Buffer.byteLength(inside) <= longestSocketPath ? inside : join(tmpdir(), `storepulse-${digest}.sock`)
}

function refuseDirectory(paths: DataPaths, error: unknown): Fault {
  const code = systemErrorCode(error)
  const message = describeError(error)
  if (code === 'ENOSPC' || /no space left/i.test(message)) {
    return new Fault('disk-full', `the disk of ${paths.root} is full`, { cause: error, hint: 'free some space on it' })
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || /permission denied|read-only/i.test(message)) {
    return new Fault('read-only', `the data directory ${paths.root} cannot be written`, {
      cause: error,
      hint: 'make it writable or choose another with --data-dir',
    })
  }
  return new Fault('data-directory', `the data directory ${paths.root} cannot be used: ${message}`, {
    cause: error,
    hint: 'choose another with --data-dir',
  })
}

/**
 * Takes the data directory for this process, making it first if need be.
 *
 * @returns the hold, or null when another process has it
 * @throws Fault `data-directory`, `read-only` or `disk-full`, naming the directory
 */
export async function takeOwnership(paths: DataPaths): Promise<OwnerHold | null> {
  try {
    await mkdir(paths.root, { recursive: true, mode: 0o700 })
    const lock = await lockFile(paths.ownerLock)
    if (!lock) return null
    return {
      socket: chooseSocket(paths),
      async announce(record) {
        const next = `${paths.ownerFile}.next`
        try {
          await writeFile(next, `${JSON.stringify(record)}\n`, { mode: 0o600 })
          await rename(next, paths.ownerFile)
        } catch (error) {
          throw refuseDirectory(paths, error)
        }
      },
      async release() {
        await rm(paths.ownerFile, { force: true })
        lock.release()
      },
    }
  } catch (error) {
    throw refuseDirectory(paths, error)
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Who holds the directory, as they recorded it; null when nothing readable is there. */
export async function readOwner(paths: DataPaths): Promise<OwnerRecord | null> {
  try {
    const value: unknown = JSON.parse(await readFile(paths.ownerFile, 'utf8'))
    if (!isObject(value)) return null
    const { processId, command, socket, startedAt } = value
    if (typeof processId !== 'number' || typeof command !== 'string') return null
    if (typeof socket !== 'string' || typeof startedAt !== 'string') return null
    return { processId, command, socket, startedAt }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null
    throw refuseDirectory(paths, error)
  }
}
