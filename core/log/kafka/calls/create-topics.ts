import type { Call } from '../cluster/link.ts'

export interface TopicPlan {
  readonly name: string
  readonly partitions: number
  readonly replicationFactor: number
}

export interface TopicOutcome {
  readonly name: string
  readonly error: number
  readonly message: string | null
}

/** CreateTopics, version 2. */
export const createTopics = (plans: readonly TopicPlan[], timeoutMs: number): Call<readonly TopicOutcome[]> => ({
  api: 'CreateTopics',
  version: 2,
  write(writer) {
    writer.int32(plans.length)
    for (const { name, partitions, replicationFactor } of plans) {
      writer.string(name).int32(partitions).int16(replicationFactor).int32(0).int32(0)
    }
    writer.int32(timeoutMs).int8(0)
  },
  read(reader) {
    reader.int32()
    return reader.array(() => ({ name: reader.string() ?? '', error: reader.int16(), message: reader.string() }))
  },
})
