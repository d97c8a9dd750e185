import { Fault } from '../base/fault.ts'
import type { BatchPlan, Offsets, SparkBatch } from './batch.ts'

/** What of a plan can be replayed from a log, and which windows can be compared then. */
export interface ReplayPlan {
  /** To be counted one after the other. */
  readonly batches: readonly SparkBatch[]
  /** The first of them stands for everything up to it. */
  readonly isFirstJoined: boolean
  /** What came before them is not replayed: the watermark it ended with, and the newest event time in it. */
  readonly skipped: { readonly watermarkMs: number; readonly newestMs: number } | null
  /** Only windows that end after this instant and start after the other can be compared; minus infinity: all. */
  readonly endsAfterMs: number
  readonly startsAfterMs: number
  /** Why some cannot; null where all can. */
  readonly reason: string | null
}

/** The offsets [start, end) a partition of the log holds. */
export interface HeldOffsets {
  readonly start: number
  readonly end: number
}

const everything = { skipped: null, endsAfterMs: -Infinity, startsAfterMs: -Infinity, reason: null } as const

const isHeld = (batch: SparkBatch, held: ReadonlyMap<number, HeldOffsets>): boolean =>
  batch.ranges.every(({ from, partition }) => from >= (held.get(partition)?.start ?? Infinity))

const numbersOf = (batches: readonly SparkBatch[]): string => {
  const last = batches.at(-1)?.number ?? 0
  return last === 0 ? 'batch 0' : `batches 0 to ${last}`
}

/** Where the batches end, by partition. */
function findEnds(batches: readonly SparkBatch[]): Offsets {
  return new Map(batches.flatMap(({ ranges }) => ranges.map(({ partition, until }) => [partition, until] as const)))
}

/** @throws Fault `log-gap` where the log is not the one that was read, or ends too early */
function checkEnds(batches: readonly SparkBatch[], held: ReadonlyMap<number, HeldOffsets>): void {
  for (const [partition, until] of findEnds(batches)) {
    const range = held.get(partition)
    if (range && range.end >= until) continue
    const what = range ? `ends at offset ${range.end}` : 'is not there'
    throw new Fault('log-gap', `partition ${partition} ${what}, and the query read it up to ${until}`, {
      domain: 'user',
      hint: 'check that the profile names the cluster and the topic that the query reads',
    })
  }
}

/**
 * What of the batches can be replayed. Windows can be compared whose every sale is replayed, and none of which was dropped
 * in a batch that is not:
 *
 * 1. Where all batches and their records are there: all windows.
 * 2. Where the files of early batches are gone (Spark keeps a hundred) and their records are there: these batches are taken
 *    as one. Nothing of a window that ends after the watermark of the last of them can have been late in any of them.
 * 3. Where records are gone, or nobody knows where the query began: nothing in batches that are left out is newer than what
 *    the watermark of the next one says. Windows that start after that are wholly in the batches that follow.
 *
 * @param held what the log holds of each partition
 * @throws Fault `log-gap` where nothing can be compared
 */
export function planReplay(plan: BatchPlan, held: ReadonlyMap<number, HeldOffsets>, latenessMs: number): ReplayPlan {
  const { batches } = plan
  checkEnds(batches, held)
  const [first] = batches
  const isWhole = batches.every((batch) => isHeld(batch, held))
  if (isWhole && !plan.isCut && plan.hasStart) return { ...everything, batches, isFirstJoined: false }
  if (isWhole && plan.hasStart && first && first.watermarkMs !== null) {
    return {
      ...everything,
      batches,
      isFirstJoined: true,
      endsAfterMs: first.watermarkMs,
      reason: `the checkpoint no longer says where ${numbersOf(batches.slice(0, 1))} ended`,
    }
  }
  return skipEarly(plan, held, latenessMs)
}

function skipEarly(
  { batches, hasStart, isCut }: BatchPlan,
  held: ReadonlyMap<number, HeldOffsets>,
  latenessMs: number,
): ReplayPlan {
  const least = isCut || !hasStart ? 1 : 0
  const lastLacking = batches.reduce((last, batch, index) => (isHeld(batch, held) ? last : index), -1)
  const at = Math.max(least, lastLacking + 1)
  const left = batches.slice(0, at)
  const [before, next] = [batches[at - 1], batches[at]]
  const who = lastLacking >= 0 ? 'the log no longer holds' : 'the checkpoint no longer says'
  const gone = `${who} what ${numbersOf(left)} read`
  if (!before || !next || before.watermarkMs === null || next.watermarkMs === null) {
    throw new Fault('log-gap', `${gone}, and no batch follows whose watermark is known: nothing can be compared`, {
      domain: 'user',
      hint: 'compare sooner, or keep the topic and the checkpoint longer (spark.sql.streaming.minBatchesToRetain)',
    })
  }
  const newestMs = next.watermarkMs > 0 ? next.watermarkMs + latenessMs : -Infinity
  return {
    batches: batches.slice(at),
    isFirstJoined: false,
    skipped: { watermarkMs: before.watermarkMs, newestMs },
    endsAfterMs: -Infinity,
    startsAfterMs: next.watermarkMs + latenessMs,
    reason: gone,
  }
}
