import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemErrorCode, toFault } from '../../base/fault.ts'
import { findSnapshotFolder } from './snapshots.ts'

/** Where a damaged warehouse has gone; null for what was not there. */
export interface MovedAside {
  readonly file: string
  readonly writeAheadLog: string | null
  readonly snapshots: string | null
}

async function moveIfThere(from: string, to: string): Promise<string | null> {
  try {
    await rename(from, to)
    return to
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw toFault(error, `${from} could not be moved aside`)
  }
}

/**
 * Renames a warehouse that no process has open, its write-ahead log and its snapshots, to names with the instant in
 * them. The write-ahead log goes first: without its file it must never be applied to another.
 */
export async function moveDamagedWarehouseAside(file: string, atMs: number): Promise<MovedAside> {
  const stamp = new Date(atMs).toISOString().replaceAll(/[:.]/g, '-')
  const moved = join(dirname(file), `warehouse.damaged-${stamp}.db`)
  const writeAheadLog = await moveIfThere(`${file}.wal`, `${moved}.wal`)
  const snapshotFolder = findSnapshotFolder(file)
  const snapshots = await moveIfThere(snapshotFolder, `${snapshotFolder}.damaged-${stamp}`)
  await moveIfThere(file, moved)
  return { file: moved, writeAheadLog, snapshots }
}

/** Takes the move back, and away what lies in its place by now: until another warehouse is ready, the damaged one is the only one. */
export async function moveBack({ file: moved, snapshots, writeAheadLog }: MovedAside, file: string): Promise<void> {
  const snapshotFolder = findSnapshotFolder(file)
  await rm(`${file}.wal`, { force: true })
  await rm(snapshotFolder, { recursive: true, force: true })
  await rm(file, { recursive: true, force: true })
  await moveIfThere(moved, file)
  if (snapshots !== null) await moveIfThere(snapshots, snapshotFolder)
  if (writeAheadLog !== null) await moveIfThere(writeAheadLog, `${file}.wal`)
}
