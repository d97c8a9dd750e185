import type { DiskFiles } from './disk-files.ts'
import type { Verdict } from './recover.ts'
import { type Place, scanPartition } from './scan.ts'
import { createSegment, hasRecords, type Segment } from './segment.ts'
import { sidecarPathOf } from './sidecar.ts'

/** Does to a partition's files what was found right, durably. Resolves with its segments, the last one to be written on. */
export async function repairPartition(files: DiskFiles, verdict: Verdict, trustedSequence: number): Promise<Segment[]> {
  const { scan, cutAt, nextOffset } = verdict
  if (cutAt !== null) await cutFiles(files, scan.directory, scan.segments, cutAt)
  const kept = cutAt === null ? scan : await scanPartition(files, scan.directory, scan.slot, trustedSequence)
  const last = kept.segments.at(-1)
  if (last === undefined || last.endOffset !== nextOffset) kept.segments.push(createSegment(scan.directory, nextOffset))
  else if (!hasRecords(last) && last.sizeBytes > 0) await truncateFile(files, last, 0)
  return kept.segments
}

/** Later files go first: whatever interrupts this, what is left has no gap and is judged the same at the next open. */
async function cutFiles(
  files: DiskFiles,
  directory: string,
  segments: readonly Segment[],
  { segment, position }: Place,
): Promise<void> {
  for (const later of segments.slice(segments.indexOf(segment) + 1).reverse()) {
    await files.remove(sidecarPathOf(later))
    await files.remove(later.path)
    await files.syncDirectory(directory)
  }
  // The sidecar may vouch for what is cut, and something else may come to lie there.
  await files.remove(sidecarPathOf(segment))
  await files.syncDirectory(directory)
  if (segment.sizeBytes > position) await truncateFile(files, segment, position)
}

async function truncateFile(files: DiskFiles, segment: Segment, sizeBytes: number): Promise<void> {
  const file = await files.open(segment.path, 'write')
  try {
    await file.truncate(sizeBytes)
    await file.sync()
    segment.sizeBytes = sizeBytes
  } finally {
    await file.close()
  }
}
