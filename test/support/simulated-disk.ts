import { dirname } from 'node:path'
import type { Random } from '../../core/base/random.ts'
import type { DiskFile, DiskFiles } from '../../core/log/segment/disk-files.ts'

export type DiskVerb =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'list'
  | 'make-directory'
  | 'remove'
  | 'rename'
  | 'sync-directory'

/** A disk in memory that knows what would survive a power cut, and fails when it is told to. */
export interface SimulatedDisk extends DiskFiles {
  /** Called before every operation; what it returns is thrown instead, a write having done its first half. */
  failNext: (verb: DiskVerb, path: string) => Error | null
  /** Every operation so far, for choosing where to fail. */
  readonly operations: number
  /** Files open right now. */
  readonly openFiles: number
  /** Paths of all files, sorted. */
  paths(): readonly string[]
  content(path: string): Buffer
  /** Puts a file there as if it had always been there. */
  place(path: string, content: Buffer): void
  /** The same disk as another process would find it: nothing is lost. `answer` is what each of its operations takes. */
  copy(answer?: Answer): SimulatedDisk
  /** What a power cut leaves: of everything not synced, some of it. */
  cutPower(random: Random): SimulatedDisk
  /** The worst that a power cut leaves: what was synced, and nothing else. */
  loseUnsynced(): SimulatedDisk
}

/** Resolves when an operation may be done. */
type Answer = () => Promise<void>

/** Real disks answer later: whatever relies on the order of answers shows. */
const answerLater: Answer = () => new Promise((resolve) => setImmediate(resolve))

interface SimulatedFile {
  content: Buffer
  durable: Buffer
}

/** A system error as Node.js throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}

export function createSimulatedDisk(): SimulatedDisk {
  return createDisk(new Map(), new Map(), new Set(), answerLater)
}

type Names = Map<string, SimulatedFile>

// Long because all verbs share the names and the hook.
function createDisk(names: Names, durableNames: Names, directories: Set<string>, answer: Answer): SimulatedDisk {
  let operations = 0
  let openFiles = 0

  async function attempt(verb: DiskVerb, path: string): Promise<void> {
    operations += 1
    await answer()
    const error = disk.failNext(verb, path)
    if (error !== null) throw error
  }

  function openAt(path: string, file: SimulatedFile): DiskFile {
    let isOpen = true
    openFiles += 1
    const use = async (verb: DiskVerb): Promise<void> => {
      if (!isOpen) throw systemError('EBADF')
      await attempt(verb, path)
      // The system would by now do it to whatever file has got this one's number.
      if (!isOpen) throw systemError('EBADF')
    }
    return {
      async read(target, targetStart, length, position) {
        await use('read')
        return file.content.copy(target, targetStart, position, position + length)
      },
      async write(source, length, position) {
        try {
          await use('write')
        } catch (error) {
          writeAt(file, source.subarray(0, length >> 1), position)
          throw error
        }
        writeAt(file, source.subarray(0, length), position)
      },
      async truncate(sizeBytes) {
        await use('truncate')
        const grown = Buffer.alloc(Math.max(0, sizeBytes - file.content.length))
        file.content = Buffer.concat([file.content.subarray(0, sizeBytes), grown])
      },
      async sync() {
        const { content } = file
        await use('sync')
        file.durable = content
      },
      async readSize() {
        await use('read')
        return file.content.length
      },
      async close() {
        if (!isOpen) throw systemError('EBADF')
        isOpen = false
        openFiles -= 1
      },
    }
  }

  const disk: SimulatedDisk = {
    failNext: () => null,
    get operations() {
      return operations
    },
    get openFiles() {
      return openFiles
    },
    async open(path, mode) {
      await attempt('open', path)
      let file = names.get(path)
      if (file === undefined) {
        if (mode === 'read' || !directories.has(dirname(path))) throw systemError('ENOENT')
        file = { content: Buffer.alloc(0), durable: Buffer.alloc(0) }
        names.set(path, file)
      }
      return openAt(path, file)
    },
    async makeDirectory(path) {
      await attempt('make-directory', path)
      const isNew = !directories.has(path)
      for (let each = path; each !== dirname(each); each = dirname(each)) directories.add(each)
      return isNew
    },
    async list(path) {
      await attempt('list', path)
      return [...names.keys()].filter((name) => dirname(name) === path).map((name) => name.slice(path.length + 1))
    },
    async rename(from, to) {
      await attempt('rename', from)
      const file = names.get(from)
      if (file === undefined) throw systemError('ENOENT')
      names.delete(from)
      names.set(to, file)
    },
    async remove(path) {
      await attempt('remove', path)
      names.delete(path)
    },
    async syncDirectory(path) {
      await attempt('sync-directory', path)
      for (const name of durableNames.keys()) if (dirname(name) === path) durableNames.delete(name)
      for (const [name, file] of names) if (dirname(name) === path) durableNames.set(name, file)
    },
    paths: () => [...names.keys()].sort(),
    content: (path) => names.get(path)?.content ?? Buffer.alloc(0),
    place(path, content) {
      const file = { content, durable: content }
      names.set(path, file)
      durableNames.set(path, file)
    },
    copy(another = answer) {
      const copies = new Map([...names.values(), ...durableNames.values()].map((file) => [file, { ...file }]))
      const copyNames = (from: Names): Names =>
        new Map([...from].map(([name, file]) => [name, copies.get(file) ?? { ...file }]))
      return createDisk(copyNames(names), copyNames(durableNames), new Set(directories), another)
    },
    cutPower(random) {
      const left: Names = new Map()
      for (const name of new Set([...names.keys(), ...durableNames.keys()])) {
        const file = random.chance(0.5) ? names.get(name) : durableNames.get(name)
        if (file === undefined) continue
        const content = surviveOf(file, random)
        left.set(name, { content, durable: content })
      }
      return createDisk(left, new Map(left), new Set(directories), answer)
    },
    loseUnsynced() {
      const left = new Map([...durableNames].map(([name, { durable }]) => [name, { content: durable, durable }]))
      return createDisk(left, new Map(left), new Set(directories), answer)
    },
  }
  return disk
}

/** Contents are never changed in place: what is durable may be the same buffer. */
function writeAt(file: SimulatedFile, bytes: Buffer, position: number): void {
  const sizeBytes = Math.max(file.content.length, position + bytes.length)
  const content = Buffer.alloc(sizeBytes)
  file.content.copy(content)
  bytes.copy(content, position)
  file.content = content
}

/** All that was written, only what was synced, or a first part of the one over the other, with a length of either. */
function surviveOf({ content, durable }: SimulatedFile, random: Random): Buffer {
  const fate = random.nextInt(4)
  if (fate === 0 || content === durable) return content
  if (fate === 1) return durable
  const [least, most] = [content.length, durable.length].sort((left, right) => left - right)
  if (least === undefined || most === undefined) return content
  const left = Buffer.alloc(least + random.nextInt(most - least + 1))
  durable.copy(left)
  content.copy(left, 0, 0, random.nextInt(left.length + 1))
  return left
}
