import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemErrorCode, toFault } from '../../base/fault.ts'
import type { Snapshot } from '../warehouse.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot-file.ts'

/** Recovery snapshots, files beside the warehouse: `<epoch>.snapshot`. */
export interface Snapshots {
  save(snapshot: Snapshot): Promise<void>
  /** Newest first, without those that cannot be read. */
  load(): Promise<readonly Snapshot[]>
}

const kept = 2
const fileName = /^(\d+)\.snapshot$/

/** Where the snapshots of a warehouse file are. */
export const findSnapshotFolder = (file: string): string => join(dirname(file), 'snapshots')

/** Makes a rename last. Some systems cannot open a folder; there it lasts anyway. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What is being written; the same name every time, so that one that a crash or a full disk has cut short does not stay. */
const nextName = 'snapshot.next'

async function writeWhole(folder: string, name: string, parts: readonly Uint8Array[]): Promise<void> {
  const next = join(folder, nextName)
  const handle = await open(next, 'w', 0o600)
  try {
    for (const part of parts) await handle.writeFile(part)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(next, join(folder, name))
  await syncFolder(folder)
}

async function listEpochs(folder: string): Promise<readonly number[]> {
  try {
    const names = await readdir(folder)
    const epochs = names.flatMap((name) => fileName.exec(name)?.[1] ?? []).map(Number)
    return epochs.sort((left, right) => right - left)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** @param folder made when the first snapshot is saved */
export function createSnapshots(folder: string): Snapshots {
  return {
    async save(snapshot) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeWhole(folder, `${snapshot.epoch}.snapshot`, encodeSnapshot(snapshot))
        for (const epoch of (await listEpochs(folder)).slice(kept)) await rm(join(folder, `${epoch}.snapshot`))
      } catch (error) {
        // On a full disk half a snapshot would keep others from the space.
        await rm(join(folder, nextName), { force: true }).catch(() => undefined)
        throw toFault(error, 'a recovery snapshot could not be written')
      }
    },
    async load() {
      try {
        const snapshots: Snapshot[] = []
        for (const epoch of await listEpochs(folder)) {
          const snapshot = decodeSnapshot(await readFile(join(folder, `${epoch}.snapshot`)))
          if (snapshot) snapshots.push(snapshot)
        }
        return snapshots
      } catch (error) {
        throw toFault(error, 'the recovery snapshots could not be read')
      }
    },
  }
}
