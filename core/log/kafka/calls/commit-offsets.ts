import type { Call } from '../cluster/link.ts'
import { groupByTopic } from './by-topic.ts'
import type { BrokerEntry } from './metadata.ts'

/** FindCoordinator, version 1, of a group. */
export const askCoordinator = (groupId: string): Call<BrokerEntry & { readonly error: number }> => ({
  api: 'FindCoordinator',
  version: 1,
  write: (writer) => void writer.string(groupId).int8(0),
  read(reader) {
    reader.int32()
    const error = reader.int16()
    reader.string()
    return { error, id: reader.int32(), host: reader.string() ?? '', port: reader.int32() }
  },
})

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** OffsetCommit, version 2, without a member and a generation: for a group that nobody has joined. Gives error codes. */
export const commitOffsets = (groupId: string, offsets: readonly GroupOffset[]): Call<readonly number[]> => ({
  api: 'OffsetCommit',
  version: 2,
  write(writer) {
    const groups = groupByTopic(offsets)
    writer.string(groupId).int32(-1).string('').int64(-1).int32(groups.length)
    for (const [topic, items] of groups) {
      writer.string(topic).int32(items.length)
      for (const { partition, offset } of items) writer.int32(partition).int64(offset).string('')
    }
  },
  read: (reader) =>
    reader
      .array(() => {
        reader.string()
        return reader.array(() => {
          reader.int32()
          return reader.int16()
        })
      })
      .flat(),
})
