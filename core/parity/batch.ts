/** What one partition gave to a batch: the offsets [from, until). */
export interface BatchRange {
  readonly partition: number
  readonly from: number
  readonly until: number
}

/** One batch of a Spark query, as it was planned. */
export interface SparkBatch {
  readonly number: number
  /** By partition, ascending; empty ranges are left out, so a batch without data has none. */
  readonly ranges: readonly BatchRange[]
  /** `batchWatermarkMs` as Spark wrote it down; null where nobody did. */
  readonly watermarkMs: number | null
}

/** The batches of a query that are known, consecutive and in order. */
export interface BatchPlan {
  /** What the cluster calls the topic; null where the batches do not say. */
  readonly topic: string | null
  /**
   * The first of them may stand for all before it, whose files are gone: then it is {@link BatchPlan.isCut}, and its
   * ranges begin where the query began, or are null where that is not known.
   */
  readonly batches: readonly SparkBatch[]
  /** Whether what came before the first batch is known only as a whole. */
  readonly isCut: boolean
  /** Whether the start of the first batch's ranges is known. */
  readonly hasStart: boolean
  /** Whether the last batch was planned and not (yet) committed: its rows may be in the table or not. */
  readonly isLastOpen: boolean
  /** `spark.sql.streaming.statefulOperator.allowMultiple` where the plan says so. */
  readonly allowsMultiple: boolean | null
}

/** First offset behind a partition, by partition. */
export type Offsets = ReadonlyMap<number, number>

/** What lies between two positions; a partition that is only in the second begins at 0. Partitions ascending. */
export function listRanges(from: Offsets, until: Offsets): readonly BatchRange[] {
  return [...until]
    .map(([partition, end]) => ({ partition, from: from.get(partition) ?? 0, until: end }))
    .filter((range) => range.from < range.until)
    .sort((one, other) => one.partition - other.partition)
}
