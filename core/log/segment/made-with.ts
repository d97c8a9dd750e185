import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { type DiskFiles, readWholeFile } from './disk-files.ts'

const name = 'log.json'
const format = 1

/**
 * Checks a log directory against what it was made with, or notes it in a directory that is new.
 *
 * @throws Fault `setting` when it was made with another number of partitions, `log-damaged` when the note cannot be read
 */
export async function checkMadeWith(files: DiskFiles, directory: string, partitions: number): Promise<void> {
  const path = join(directory, name)
  const bytes = await readWholeFile(files, path)
  if (bytes === null) {
    await writeNote(files, directory, partitions)
    return
  }
  const madeWith = readPartitions(bytes.toString('utf8'))
  if (madeWith === null) {
    throw new Fault('log-damaged', `${path} does not say what the log was made with`, {
      hint: `write {"format":${format},"partitions":N} into it, N being the folders in a topic's folder beside it`,
    })
  }
  if (madeWith === partitions) return
  throw new Fault(
    'setting',
    `/log/partitions is ${partitions}, but the log in ${directory} was made with ${madeWith} partitions`,
    {
      domain: 'user',
      hint: `set log.partitions to ${madeWith}, or use another data directory`,
      detail: { requested: partitions, madeWith },
    },
  )
}

/** The file is there whole or not at all. */
async function writeNote(files: DiskFiles, directory: string, partitions: number): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify({ format, partitions })}\n`)
  const draft = join(directory, `${name}.new`)
  const file = await files.open(draft, 'write')
  try {
    await file.write(bytes, bytes.length, 0)
    await file.truncate(bytes.length)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(draft, join(directory, name))
  await files.syncDirectory(directory)
}

function readPartitions(text: string): number | null {
  let note: unknown
  try {
    note = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
  if (typeof note !== 'object' || note === null) return null
  if (!('format' in note) || note.format !== format || !('partitions' in note)) return null
  return typeof note.partitions === 'number' && Number.isInteger(note.partitions) ? note.partitions : null
}
