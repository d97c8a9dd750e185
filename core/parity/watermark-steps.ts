/**
 * How Spark's watermark moves from batch to batch.
 *
 * 1. It starts at 0 and never goes back.
 * 2. A batch's watermark follows from the batches before it: their newest event time less the lateness. What a batch
 *    itself brings moves only the watermark of the next one; that is why a batch without data may come after it.
 * 3. Batch N finalises the windows that end at or before the watermark of batch N.
 * 4. Since Spark 3.4 batch N drops as late what ends at or before the watermark of batch N − 1, which for the first batch
 *    is its own. With `spark.sql.streaming.statefulOperator.allowMultiple=false`, and before 3.4, it is that of batch N.
 *
 * Seen on Spark 4.2; IncrementalExecution has the two watermarks as `eventTimeWatermarkForLateEvents` and
 * `eventTimeWatermarkForEviction`.
 */
export interface WatermarkRules {
  readonly latenessMs: number
  /** `spark.sql.streaming.statefulOperator.allowMultiple`, true unless it was set. */
  readonly allowsMultiple: boolean
}

/** How far the batches so far have moved the watermark. */
export interface WatermarkState {
  /** Newest event time of all batches so far; minus infinity before the first event. */
  readonly newestMs: number
  /** The watermark of the last batch; 0 before the first. */
  readonly watermarkMs: number
}

export const firstWatermark: WatermarkState = { newestMs: Number.NEGATIVE_INFINITY, watermarkMs: 0 }

/** What a batch drops and what it closes. */
export interface BatchWatermarks {
  /** What the batches before say this batch's watermark is. */
  readonly replayedMs: number
  /** This batch's watermark: Spark's own word where there is one. Windows that end at or before it become final. */
  readonly finalUntilMs: number
  /** Events of windows that end at or before it are dropped. */
  readonly lateUntilMs: number
}

/**
 * The watermarks that the next batch works with.
 *
 * @param recordedMs what the checkpoint says its watermark was: that is what Spark worked with, whether or not the
 * records explain it; null where nothing says so
 */
export function planBatch(state: WatermarkState, recordedMs: number | null, rules: WatermarkRules): BatchWatermarks {
  const replayedMs = Math.max(state.watermarkMs, state.newestMs - rules.latenessMs)
  const finalUntilMs = recordedMs ?? replayedMs
  return { replayedMs, finalUntilMs, lateUntilMs: rules.allowsMultiple ? state.watermarkMs : finalUntilMs }
}

/** Batches taken as one, of which only the watermark of the last is known. */
export const joinBatches = (watermarkMs: number): BatchWatermarks => ({
  replayedMs: watermarkMs,
  finalUntilMs: watermarkMs,
  lateUntilMs: watermarkMs,
})

/** How far the watermark is after a batch. @param newestMs newest event time of the batch, minus infinity without one */
export const endBatch = (state: WatermarkState, batch: BatchWatermarks, newestMs: number): WatermarkState => ({
  newestMs: Math.max(state.newestMs, newestMs),
  watermarkMs: batch.finalUntilMs,
})

/** Whether a window that ends at `endMs` is behind a watermark. */
export const isBehind = (endMs: number, watermarkMs: number): boolean => endMs <= watermarkMs
