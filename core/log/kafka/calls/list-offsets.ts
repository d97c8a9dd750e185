import type { Call } from '../cluster/link.ts'
import { groupByTopic } from './by-topic.ts'

/** Asked for instead of a time. */
export const endTime = -1
export const startTime = -2

/** What a reader may see: only what is committed, or all. */
export type Isolation = 'read-committed' | 'read-uncommitted'

export interface OffsetQuestion {
  readonly topic: string
  readonly partition: number
  /** {@link endTime}, {@link startTime} or milliseconds: the first record of that time or later. */
  readonly timeMs: number
}

export interface OffsetAnswer {
  readonly topic: string
  readonly partition: number
  readonly error: number
  /** -1 where there is none. */
  readonly offset: number
}

/** ListOffsets, version 2. */
export const askOffsets = (
  questions: readonly OffsetQuestion[],
  isolation: Isolation,
): Call<readonly OffsetAnswer[]> => ({
  api: 'ListOffsets',
  version: 2,
  write(writer) {
    const groups = groupByTopic(questions)
    writer
      .int32(-1)
      .int8(isolation === 'read-committed' ? 1 : 0)
      .int32(groups.length)
    for (const [topic, items] of groups) {
      writer.string(topic).int32(items.length)
      for (const { partition, timeMs } of items) writer.int32(partition).int64(timeMs)
    }
  },
  read(reader) {
    reader.int32()
    return reader
      .array(() => {
        const topic = reader.string() ?? ''
        return reader.array(() => {
          const partition = reader.int32()
          const error = reader.int16()
          reader.int64()
          return { topic, partition, error, offset: reader.int64() }
        })
      })
      .flat()
  },
})
