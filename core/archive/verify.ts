import type { VerifyProblem, VerifyReport, WatchedWork } from './archive.ts'
import { Fault } from '../base/fault.ts'
import type { ArchivedFile, Catalog } from './catalog.ts'
import { hashBytes } from './commit-files.ts'
import { archivedTopics, fileKeyOf } from './layout.ts'
import { describeStretch } from './manifest.ts'
import { findGaps } from './ranges.ts'
import type { ArchiveStore } from './store.ts'

/** Reads every listed file and compares; then looks whether every offset is accounted for. */
export async function verifyCatalog(
  store: ArchiveStore,
  catalog: Catalog,
  { onProgress, signal }: WatchedWork,
): Promise<VerifyReport> {
  const problems: VerifyProblem[] = catalog.broken.map(({ message }) => ({
    kind: 'manifest',
    message,
    file: null,
    stretch: null,
  }))
  let rows = 0
  let sizeBytes = 0
  for (const [index, file] of catalog.files.entries()) {
    if (signal?.aborted) throw new Fault('cancelled', 'verifying was cancelled', { domain: 'user' })
    const problem = await checkFile(store, file)
    if (problem !== null) problems.push(problem)
    rows += file.rows
    sizeBytes += file.sizeBytes
    onProgress?.({ records: rows, files: index + 1 })
  }
  problems.push(...findOverlaps(catalog.files), ...findAbsent(catalog), ...findUnlisted(catalog))
  return { files: catalog.files.length, rows, sizeBytes, problems }
}

/** Compares a file's bytes with its entry; null when they are the same. */
export function compareFile(file: ArchivedFile, bytes: Uint8Array | null): VerifyProblem | null {
  const key = fileKeyOf(file)
  const { topic, partition, fromOffset, untilOffset } = file
  const stretch = { topic, partition, fromOffset, untilOffset }
  const holding = `with ${describeStretch(stretch)}`
  if (bytes === null) return { kind: 'missing', message: `${key} is missing, ${holding}`, file: key, stretch }
  if (bytes.length !== file.sizeBytes) {
    const message = `${key} has ${bytes.length} bytes, its manifest says ${file.sizeBytes}; ${holding}`
    return { kind: 'damaged', message, file: key, stretch }
  }
  if (hashBytes(bytes) === file.sha256) return null
  return { kind: 'damaged', message: `${key} is not what its manifest's checksum says; ${holding}`, file: key, stretch }
}

async function checkFile(store: ArchiveStore, file: ArchivedFile): Promise<VerifyProblem | null> {
  const found = await store.read(fileKeyOf(file))
  return compareFile(file, found?.bytes ?? null)
}

function findOverlaps(files: readonly ArchivedFile[]): readonly VerifyProblem[] {
  return files.flatMap((file, index) => {
    const before = files[index - 1]
    const isNext = before?.topic === file.topic && before.partition === file.partition
    if (!before || !isNext || before.untilOffset <= file.fromOffset) return []
    const { topic, partition, fromOffset } = file
    const stretch = { topic, partition, fromOffset, untilOffset: Math.min(before.untilOffset, file.untilOffset) }
    const message = `${describeStretch(stretch)}: in ${fileKeyOf(before)} and in ${fileKeyOf(file)}`
    return [{ kind: 'overlap' as const, message, file: fileKeyOf(file), stretch }]
  })
}

function findAbsent(catalog: Catalog): readonly VerifyProblem[] {
  const places = new Set<string>(catalog.files.map(({ topic, partition }) => `${topic}/${partition}`))
  return archivedTopics.flatMap((topic) => {
    const { lost, dropped } = catalog.absencesOf(topic).absences
    for (const { partition } of [...lost, ...dropped]) places.add(`${topic}/${partition}`)
    const partitions = [...places]
      .filter((place) => place.startsWith(`${topic}/`))
      .map((place) => Number(place.split('/')[1]))
    const gaps = partitions
      .sort((left, right) => left - right)
      .flatMap((partition) =>
        findGaps(catalog.coverageOf(topic, partition)).map((gap) => ({ ...gap, topic, partition })),
      )
    return [
      ...gaps.map((stretch) => ({
        kind: 'gap' as const,
        message: `${describeStretch(stretch)}: in no file`,
        file: null,
        stretch,
      })),
      ...lost.map((range) => {
        const stretch = { topic, ...range }
        const message = `${describeStretch(stretch)}: were gone from the log before they could be archived`
        return { kind: 'lost' as const, message, file: null, stretch }
      }),
    ]
  })
}

const findUnlisted = (catalog: Catalog): readonly VerifyProblem[] =>
  catalog.unlisted.map(({ key, topic, partition, fromOffset, untilOffset }) => ({
    kind: 'unlisted',
    message: `${key}: in no manifest; the next run lists or removes it`,
    file: key,
    stretch: { topic, partition, fromOffset, untilOffset },
  }))
