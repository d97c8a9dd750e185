import type { Dirent } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import { Fault, systemErrorCode, toFault } from '../../base/fault.ts'
import { type FileLock, lockFile } from '../../duckdb/file-lock.ts'
import { createTurns, type Turns } from '../../duckdb/turns.ts'
import type { ArchiveStore, ReadObject, StoredObject } from '../store.ts'
import { type DiskSteps, machineSteps } from './disk-steps.ts'

export interface DiskStoreOptions {
  /** Made at the first write when it is missing. */
  readonly directory: string
  readonly clock?: Clock
  /** What writes; tests give one that stops. */
  readonly steps?: DiskSteps
}

const lockName = '.lock'
const draftEnding = '.part'
const patienceMs = 30_000
const pauseMs = 20

/** The lock keeps other processes out, these turns the writers of this one. */
const turnsByDirectory = new Map<string, Turns>()

/** What is older was left by a writer that was killed. */
const oldestDraftMs = 3_600_000
/** A folder may be removed for being empty just before a draft is written into it. */
const writeAttempts = 5
let drafts = 0

/**
 * An archive in a directory. Every write makes a draft beside its object and syncs it. A new object is a second name of
 * its draft, which only one writer can give it; one that is replaced or removed, which is rare, is so under an OS lock.
 */
export function createDiskStore(options: DiskStoreOptions): ArchiveStore {
  const root = resolve(options.directory)
  const { clock = systemClock, steps = machineSteps } = options
  const turns = turnsByDirectory.get(root) ?? createTurns()
  turnsByDirectory.set(root, turns)
  const pathOf = (key: string): string => join(root, ...key.split('/'))

  const takeLock = async (): Promise<FileLock> => {
    await steps.makeDirectory(root)
    const untilMs = clock.monotonicMs() + patienceMs
    for (;;) {
      const lock = await lockFile(join(root, lockName))
      if (lock !== null) return lock
      if (clock.monotonicMs() >= untilMs) {
        throw new Fault('owned', `another process is writing to the archive in ${root}`, {
          retry: true,
          hint: 'wait until it has ended',
        })
      }
      await clock.sleep(pauseMs)
    }
  }
  const underLock = <Result>(work: () => Promise<Result>): Promise<Result> =>
    turns.take(async () => {
      const lock = await takeLock()
      try {
        return await work()
      } finally {
        lock.release()
      }
    })
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw toFault(error, `writing to the archive in ${root}`)
    }
  }

  const replaceUnderLock = (path: string, draft: string, tag: string | null): Promise<boolean> =>
    underLock(async () => {
      if ((await findTag(path)) !== tag) return false
      await steps.rename(draft, path)
      return true
    })
  const replace = async (path: string, bytes: Uint8Array, tag: string | null): Promise<boolean> => {
    const draft = await writeDraft(steps, path, bytes)
    const linked = tag === null ? await steps.link(draft, path) : null
    const isDone = linked ?? (await replaceUnderLock(path, draft, tag))
    await steps.remove(draft)
    if (isDone) await syncUpwards(steps, root, dirname(path))
    return isDone
  }

  return {
    list: () => listObjects(root),
    read: (key) => readObject(pathOf(key)),
    replace: (key, bytes, tag) =>
      attempt(async () => {
        const path = pathOf(key)
        return (await findTag(path)) === tag ? await replace(path, bytes, tag) : false
      }),
    remove: (key) =>
      attempt(() =>
        underLock(async () => {
          if ((await findTag(pathOf(key))) === null) return
          await steps.remove(pathOf(key))
          await removeEmpty(steps, root, dirname(pathOf(key)))
        }),
      ),
    tidy: () =>
      attempt(async () => {
        for (const path of await listFiles(root)) {
          const facts = path.endsWith(draftEnding) ? await findFacts(path) : null
          const ageMs = clock.nowMs() - Number((facts?.mtimeNs ?? 0n) / 1_000_000n)
          if (facts !== null && ageMs > oldestDraftMs) await steps.remove(path)
        }
      }),
    close: () => turns.settle(),
  }
}

async function writeDraft(steps: DiskSteps, path: string, bytes: Uint8Array): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    drafts += 1
    const draft = `${path}.${process.pid}-${drafts}${draftEnding}`
    await steps.makeDirectory(dirname(path))
    try {
      await steps.writeFile(draft, bytes)
      return draft
    } catch (error) {
      if (!isGone(error) || attempt === writeAttempts) throw error
    }
  }
}

/** The folders above may be as new as the file. */
async function syncUpwards(steps: DiskSteps, root: string, folder: string): Promise<void> {
  await steps.syncDirectory(folder)
  if (folder !== root && folder.startsWith(root)) await syncUpwards(steps, root, dirname(folder))
}

/** Ends at the first folder that holds something. */
async function removeEmpty(steps: DiskSteps, root: string, folder: string): Promise<void> {
  const isEmptied = folder !== root && folder.startsWith(root) && (await readFolder(folder)).length === 0
  if (!isEmptied) {
    await steps.syncDirectory(folder)
    return
  }
  await steps.removeFolder(folder)
  await removeEmpty(steps, root, dirname(folder))
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')

interface FileFacts {
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ino: bigint
}

/** A rename brings another inode, or another time where an inode is used again. */
const tagOf = ({ size, mtimeNs, ino }: FileFacts): string => `${size}-${mtimeNs}-${ino}`

async function findFacts(path: string): Promise<FileFacts | null> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (isGone(error)) return null
    throw toFault(error, `looking at ${path}`)
  }
}

async function findTag(path: string): Promise<string | null> {
  const facts = await findFacts(path)
  return facts === null ? null : tagOf(facts)
}

async function readObject(path: string): Promise<ReadObject | null> {
  try {
    const file = await open(path, 'r')
    try {
      const facts = await file.stat({ bigint: true })
      return { bytes: await file.readFile(), tag: tagOf(facts) }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isGone(error)) return null
    throw toFault(error, `reading ${path}`)
  }
}

/** Folders may go while this looks. */
async function readFolder(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isGone(error)) return []
    throw toFault(error, `listing ${folder}`)
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of await readFolder(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await listFiles(path)))
    else if (entry.isFile()) found.push(path)
  }
  return found
}

async function listObjects(root: string): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = []
  for (const path of await listFiles(root)) {
    const key = relative(root, path).split(sep).join('/')
    if (key.startsWith(lockName) || key.endsWith(draftEnding)) continue
    const facts = await findFacts(path)
    if (facts !== null) objects.push({ key, sizeBytes: Number(facts.size), tag: tagOf(facts) })
  }
  return objects
}
