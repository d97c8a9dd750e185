import type { Call } from '../cluster/link.ts'
import { groupByTopic } from './by-topic.ts'

export interface ProduceQuestion {
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

export interface ProduceAnswer {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly baseOffset: number
}

/** Produce, version 7; acknowledged when all in-sync replicas have the batches. */
export const sendBatches = (
  batches: readonly ProduceQuestion[],
  timeoutMs: number,
): Call<readonly ProduceAnswer[]> => ({
  api: 'Produce',
  version: 7,
  write(writer) {
    const groups = groupByTopic(batches)
    writer.string(null).int16(-1).int32(timeoutMs).int32(groups.length)
    for (const [topic, items] of groups) {
      writer.string(topic).int32(items.length)
      for (const { partition, batch } of items) writer.int32(partition).int32(batch.length).raw(batch)
    }
  },
  read: (reader) =>
    reader
      .array(() => {
        const topic = reader.string() ?? ''
        return reader.array(() => {
          const answer = { topic, partition: reader.int32(), error: reader.int16(), baseOffset: reader.int64() }
          reader.int64()
          reader.int64()
          return answer
        })
      })
      .flat(),
})

export interface ProducerId {
  readonly id: number
  readonly epoch: number
}

/** InitProducerId, version 0, without transactions. */
export const askProducerId: Call<ProducerId & { readonly error: number }> = {
  api: 'InitProducerId',
  version: 0,
  write: (writer) => void writer.string(null).int32(60_000),
  read(reader) {
    reader.int32()
    return { error: reader.int16(), id: reader.int64(), epoch: reader.int16() }
  },
}
