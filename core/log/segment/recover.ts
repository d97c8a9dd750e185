import type { LogDamage } from '../log.ts'
import { appendEndOf, endOffsetOf } from './frame.ts'
import type { FoundHole, PartitionScan, Place, RecentFrame } from './scan.ts'
import type { Segment } from './segment.ts'
import type { SyncedPoint } from './synced-marker.ts'

/** What is to be done to a partition's files, and what is to be said about it. */
export interface Verdict {
  readonly scan: PartitionScan
  /** Everything from here on goes; null keeps the files as they are. */
  readonly cutAt: Place | null
  /** Offset of the next record. */
  readonly nextOffset: number
  readonly damage: readonly LogDamage[]
}

export interface Recovery {
  /** Sequence of the next record: all kept ones are below. */
  readonly endSequence: number
  readonly verdicts: readonly Verdict[]
}

/**
 * Tells what was torn from what is corrupt; changes nothing.
 *
 * @param synced the newest synced point on record; null when there is none
 */
export function judgeScans(scans: readonly PartitionScan[], synced: SyncedPoint | null): Recovery {
  const recent = scans.flatMap((scan) => scan.recent)
  const recorded = synced?.sequence ?? findUndroppedSequence(scans)
  const syncedSequence = scans.reduce((most, scan) => Math.max(most, scan.carriedSequence), recorded)
  const endSequence = findWholeEnd(recent, syncedSequence)
  const knownFrom = synced?.sequence ?? syncedSequence
  const present = recent
    .filter(({ header }) => header.appendSequence >= knownFrom && header.appendSequence < syncedSequence)
    .reduce((sum, { header }) => sum + header.records, 0)
  const missing = syncedSequence - knownFrom - present
  const verdicts = scans.map((scan) =>
    judgeScan(scan, {
      syncedSequence,
      endSequence,
      syncedOffset: synced?.endOffsets[scan.slot.slot] ?? 0,
      missing,
    }),
  )
  return { endSequence, verdicts }
}

/**
 * Without a synced point on record: where, at the latest, retention has left everything in place. What it dropped must not
 * look like something torn. A partition that begins with an append lost only what came before that append; one that has
 * lost everything says nothing, and then all there is counts as whole.
 */
function findUndroppedSequence(scans: readonly PartitionScan[]): number {
  const newest = scans.reduce((most, { recent }) => {
    const last = recent.at(-1)
    return last === undefined ? most : Math.max(most, appendEndOf(last.header))
  }, 0)
  return scans
    .filter(({ segments }) => (segments[0]?.baseOffset ?? 0) > 0)
    .reduce((most, { recent }) => Math.max(most, recent[0]?.header.appendSequence ?? newest), 0)
}

/** The end of the appends that follow each other without a gap, each of them whole, from `syncedSequence` on. */
export function findWholeEnd(frames: readonly RecentFrame[], syncedSequence: number): number {
  const appends = new Map<number, { readonly end: number; missing: number }>()
  for (const { header } of frames) {
    const append = appends.get(header.appendSequence) ?? { end: appendEndOf(header), missing: header.appendRecords }
    append.missing -= header.records
    appends.set(header.appendSequence, append)
  }
  let end = syncedSequence
  for (;;) {
    const append = appends.get(end)
    if (append === undefined || append.missing !== 0) return end
    end = append.end
  }
}

interface Evidence {
  /** Everything below was durable. */
  readonly syncedSequence: number
  /** Everything from here on is cut. */
  readonly endSequence: number
  /** This partition was durable up to here at least. */
  readonly syncedOffset: number
  /** Records of the whole log that were durable and that nothing holds, so far as the synced point on record is behind. */
  readonly missing: number
}

function judgeScan(scan: PartitionScan, evidence: Evidence): Verdict {
  const cut = scan.recent.find(({ header }) => header.appendSequence >= evidence.endSequence) ?? null
  const end = cut?.before ?? scan.end
  const damage = scan.holes
    .filter((hole) => hole.place.offset < end.offset)
    .map((hole) => describeDamage(scan, 'corrupt', hole.place.segment, hole.place.offset, hole.untilOffset, hole.bytes))
  const tail = scan.holes.filter(
    (hole) => hole.place.offset >= end.offset && hole.place.offset <= (cut?.place.offset ?? Infinity),
  )
  const { lostUntil, isKnown } = measureLoss(tail, end, cut, evidence)
  if (lostUntil > end.offset) {
    const bytes = tail.reduce((sum, hole) => sum + hole.bytes, 0)
    const { segment } = tail[0]?.place ?? end
    damage.push(describeDamage(scan, 'corrupt', segment, end.offset, isKnown ? lostUntil : null, bytes))
    if (cut !== null) damage.push(describeCut(scan, cut.place, cut.place.segment))
    // The damaged bytes stay where they are, so that this is said again at every open.
    return { scan, cutAt: cut?.place ?? null, nextOffset: lostUntil, damage }
  }
  if (cut === null && tail.length === 0) return { scan, cutAt: null, nextOffset: end.offset, damage }
  damage.push(describeCut(scan, end, (tail[0] ?? cut)?.place.segment ?? end.segment))
  return { scan, cutAt: end, nextOffset: end.offset, damage }
}

/** Up to which offset records are gone that had been durable. */
function measureLoss(
  tail: readonly FoundHole[],
  end: Place,
  cut: RecentFrame | null,
  evidence: Evidence,
): { readonly lostUntil: number; readonly isKnown: boolean } {
  let lostUntil = Math.max(end.offset, evidence.syncedOffset)
  for (const hole of tail) {
    for (const header of hole.headers) {
      if (header.appendSequence < evidence.syncedSequence) lostUntil = Math.max(lostUntil, endOffsetOf(header))
    }
    // A segment is made durable before the next one begins, so what lies between two cannot have been torn.
    if (cut === null && hole.untilOffset !== null) lostUntil = Math.max(lostUntil, hole.untilOffset)
  }
  const isAnonymous = tail.some((hole) => hole.bytes > 0 && hole.headers.length === 0)
  if (evidence.missing === 0 || !isAnonymous || lostUntil > end.offset) return { lostUntil, isKnown: true }
  // Which of the missing records were here cannot be told: as many offsets as there are may have been given out.
  return { lostUntil: end.offset + evidence.missing, isKnown: false }
}

/** What goes with everything from `from` on, the first of it being in `segment`. */
function describeCut(scan: PartitionScan, from: Place, segment: Segment): LogDamage {
  const known = [
    ...scan.recent.map(({ header }) => endOffsetOf(header)),
    ...scan.holes.flatMap((hole) => hole.headers.map(endOffsetOf)),
  ].reduce((most, offset) => Math.max(most, offset), from.offset)
  const cutAway = scan.segments.slice(scan.segments.indexOf(from.segment) + 1)
  const bytes = cutAway.reduce((sum, { sizeBytes }) => sum + sizeBytes, from.segment.sizeBytes - from.position)
  return describeDamage(scan, 'torn', segment, from.offset, known > from.offset ? known : null, bytes)
}

function describeDamage(
  { slot }: PartitionScan,
  kind: LogDamage['kind'],
  segment: Segment,
  fromOffset: number,
  untilOffset: number | null,
  bytes: number,
): LogDamage {
  const { topic, partition } = slot
  return { kind, topic, partition, file: segment.path, fromOffset, untilOffset, bytes }
}
