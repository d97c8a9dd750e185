import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from '../../base/checksum.ts'
import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'
import { type CheckpointFiles, type CommittedOffsets, readCheckpoint, readCommitted } from '../../parity/checkpoint.ts'
import type { BatchPlan } from '../../parity/batch.ts'
import { nameFault } from './name-fault.ts'

/** A running query may drop an old file between the look at the directory and at the file: then both are done again. */
const attempts = 5

const hint = 'name the directory that was the query’s checkpointLocation: it holds offsets, commits and sources'

const refuse = (message: string, cause?: unknown): Fault =>
  new Fault('input', message, { domain: 'user', hint, ...(cause === undefined ? {} : { cause }) })

/**
 * The path of a checkpoint that was named as Spark has it.
 *
 * @throws Fault `usage` for one that is not on this computer
 */
export function findCheckpoint(place: string): string {
  // A drive letter of Windows is no scheme.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]?.toLowerCase()
  if (scheme === undefined) return place
  if (scheme === 'file') return place.startsWith('file://') ? fileURLToPath(place) : place.slice('file:'.length)
  throw new Fault('usage', `--checkpoint takes a directory of this computer, not one of ${scheme}:`, {
    domain: 'user',
    hint: 'copy its folders offsets, commits and sources here, with `hadoop fs -get` for example',
  })
}

/**
 * Where Hadoop's file system has written sums beside a file they must fit: `crc\0`, the bytes a sum covers, then a CRC-32
 * each, big-endian (org.apache.hadoop.fs.ChecksumFileSystem).
 */
function checkSums(file: string, bytes: Buffer, sums: Buffer): void {
  const headerBytes = 8
  const isKnown = sums.length >= headerBytes && sums.toString('latin1', 0, 4) === 'crc\0'
  const chunkBytes = isKnown ? sums.readUInt32BE(4) : 0
  const chunks = chunkBytes > 0 ? Math.ceil(bytes.length / chunkBytes) : 0
  const fits =
    chunkBytes > 0 &&
    sums.length === headerBytes + 4 * chunks &&
    Array.from({ length: chunks }, (_, chunk) => {
      const sum = crc32(bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes))
      return sum === sums.readUInt32BE(headerBytes + 4 * chunk)
    }).every(Boolean)
  if (fits) return
  throw new Fault('input', `${file}: the file does not fit the sums beside it`, {
    domain: 'user',
    hint: 'the file is damaged; copy the directory again',
  })
}

async function readOptional(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

async function readChecked(directory: string, folder: string, name: string): Promise<string> {
  const bytes = await readFile(join(directory, folder, name))
  const sums = await readOptional(join(directory, folder, `.${name}.crc`))
  if (sums) checkSums(`${folder}/${name}`, bytes, sums)
  return bytes.toString('utf8')
}

/** The numbers of the batches in a folder; what Spark and Hadoop keep beside them is hidden or ends otherwise. */
async function listBatches(directory: string, folder: string): Promise<readonly number[]> {
  const names = await readdir(join(directory, folder))
  const compacted = names.find((name) => name.endsWith('.compact'))
  if (compacted !== undefined)
    throw refuse(`${folder}/${compacted} is a log of files that was compacted, not of batches`)
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

async function listCommits(directory: string): Promise<readonly number[]> {
  try {
    return await listBatches(directory, 'commits')
  } catch (error) {
    // A query that has not committed anything has no such folder.
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}

async function readOnce(directory: string): Promise<CheckpointFiles> {
  // Commits first: a batch that is committed meanwhile is planned already.
  const commits = await listCommits(directory)
  const offsets = new Map<number, string>()
  for (const number of await listBatches(directory, 'offsets')) {
    offsets.set(number, await readChecked(directory, 'offsets', String(number)))
  }
  const initial = await readOptional(join(directory, 'sources', '0', '0'))
  if (initial) await readChecked(directory, join('sources', '0'), '0')
  return { offsets, commits, initial: initial?.toString('utf8') ?? null }
}

/** Reads what a checkpoint says of its batches. @throws Fault `not-found`, `input` */
export const readBatches = (directory: string): Promise<BatchPlan> =>
  readPatiently(directory, async () => readCheckpoint(await readOnce(directory)))

/** How far the query has read by its newest committed batch. @throws Fault `not-found`, `input` */
export const readNewest = (directory: string): Promise<CommittedOffsets> =>
  readPatiently(directory, async () => {
    const newest = (await listCommits(directory)).reduce((most, number) => Math.max(most, number), -1)
    if (newest >= 0) return readCommitted(newest, await readChecked(directory, 'offsets', String(newest)))
    const initial = await readOptional(join(directory, 'sources', '0', '0'))
    return readCommitted(null, initial?.toString('utf8') ?? null)
  })

async function readPatiently<Result>(directory: string, read: () => Promise<Result>): Promise<Result> {
  try {
    await readdir(directory)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw refuse(`${directory}: ${describeError(error)}`, error)
    throw new Fault('not-found', `${directory}: there is no such directory`, { domain: 'user', cause: error, hint })
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (error instanceof Fault) throw nameFault(directory, error)
      if (systemErrorCode(error) !== 'ENOENT' || attempt === attempts) {
        throw refuse(`${directory} cannot be read as a checkpoint: ${describeError(error)}`, error)
      }
    }
  }
}
