import type { AbortedTransaction } from '../batch/batch-header.ts'
import type { Call } from '../cluster/link.ts'
import { groupByTopic } from './by-topic.ts'
import type { Isolation } from './list-offsets.ts'

export interface FetchQuestion {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface FetchAnswer {
  readonly topic: string
  readonly partition: number
  readonly error: number
  /** Offset behind the last record that is replicated. */
  readonly highWatermark: number
  /** Offset in front of the first record of a transaction that is still open; -1 where nothing is known of it. */
  readonly stableEnd: number
  readonly startOffset: number
  readonly aborted: readonly AbortedTransaction[]
  readonly records: Buffer
}

export interface FetchLimits {
  /** How long the broker may wait for the first byte. */
  readonly waitMs: number
  readonly bytes: number
  readonly bytesPerPartition: number
}

/**
 * Fetch, version 11 and without a session: every question stands in every request. The first batch of the first partition
 * that has any comes whole however large it is, so nothing can block reading for being too large.
 */
export const askRecords = (
  questions: readonly FetchQuestion[],
  isolation: Isolation,
  limits: FetchLimits,
): Call<readonly FetchAnswer[]> => ({
  api: 'Fetch',
  version: 11,
  write(writer) {
    const groups = groupByTopic(questions)
    writer.int32(-1).int32(limits.waitMs).int32(1).int32(limits.bytes)
    writer
      .int8(isolation === 'read-committed' ? 1 : 0)
      .int32(0)
      .int32(-1)
      .int32(groups.length)
    for (const [topic, items] of groups) {
      writer.string(topic).int32(items.length)
      for (const { partition, offset } of items) {
        writer.int32(partition).int32(-1).int64(offset).int64(-1).int32(limits.bytesPerPartition)
      }
    }
    writer.int32(0).string('')
  },
  read(reader) {
    reader.int32()
    reader.int16()
    reader.int32()
    return reader
      .array(() => {
        const topic = reader.string() ?? ''
        return reader.array(() => {
          const partition = reader.int32()
          const error = reader.int16()
          const highWatermark = reader.int64()
          const stableEnd = reader.int64()
          const startOffset = reader.int64()
          const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }))
          reader.int32()
          const records = reader.raw(Math.max(0, reader.int32()))
          return { topic, partition, error, highWatermark, stableEnd, startOffset, aborted, records }
        })
      })
      .flat()
  },
})
