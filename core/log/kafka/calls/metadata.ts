import type { Call } from '../cluster/link.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'

export interface BrokerEntry {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface PartitionEntry {
  readonly partition: number
  /** Id of the broker that leads it, -1 for none. */
  readonly leader: number
}

export interface TopicEntry {
  readonly error: number
  readonly name: string
  /** Changes when a topic is made anew; null where the broker does not tell (before Kafka 2.8). */
  readonly id: string | null
  readonly partitions: readonly PartitionEntry[]
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerEntry[]
  /** -1 for none. */
  readonly controller: number
  readonly topics: readonly TopicEntry[]
}

/** Asks for brokers and the named topics; makes no topic. */
export const askMetadata = (topics: readonly string[], greatestVersion: number): Call<ClusterMetadata> =>
  greatestVersion >= 12 ? askWithIds(topics) : askPlain(topics)

/** Version 12: topic ids, and a name may be missing. */
const askWithIds = (topics: readonly string[]): Call<ClusterMetadata> => ({
  api: 'Metadata',
  version: 12,
  isFlexible: true,
  write(writer: Writer) {
    writer.uvarint(topics.length + 1)
    for (const topic of topics) writer.int32(0).int32(0).int32(0).int32(0).compactString(topic).uvarint(0)
    // Neither topics nor rights are asked for.
    writer.int8(0).int8(0).uvarint(0)
  },
  read(reader: Reader) {
    reader.int32()
    const brokers = reader.compactArray(() => {
      const broker = { id: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() }
      reader.compactString()
      reader.skipTags()
      return broker
    })
    reader.compactString()
    const controller = reader.int32()
    const found = reader.compactArray(() => {
      const error = reader.int16()
      const name = reader.compactString() ?? ''
      const id = reader.raw(16).toString('hex')
      reader.int8()
      const partitions = reader.compactArray(() => {
        reader.int16()
        const entry = { partition: reader.int32(), leader: reader.int32() }
        reader.int32()
        for (let list = 0; list < 3; list += 1) reader.compactArray(() => reader.int32())
        reader.skipTags()
        return entry
      })
      reader.int32()
      reader.skipTags()
      return { error, name, id: /^0+$/.test(id) ? null : id, partitions }
    })
    return { brokers, controller, topics: found }
  },
})

/** Version 4, for brokers from 0.11 on. */
const askPlain = (topics: readonly string[]): Call<ClusterMetadata> => ({
  api: 'Metadata',
  version: 4,
  write(writer: Writer) {
    writer.int32(topics.length)
    for (const topic of topics) writer.string(topic)
    writer.int8(0)
  },
  read(reader: Reader) {
    reader.int32()
    const brokers = reader.array(() => {
      const broker = { id: reader.int32(), host: reader.string() ?? '', port: reader.int32() }
      reader.string()
      return broker
    })
    reader.string()
    const controller = reader.int32()
    const found = reader.array(() => {
      const error = reader.int16()
      const name = reader.string() ?? ''
      reader.int8()
      const partitions = reader.array(() => {
        reader.int16()
        const entry = { partition: reader.int32(), leader: reader.int32() }
        for (let list = 0; list < 2; list += 1) reader.array(() => reader.int32())
        return entry
      })
      return { error, name, id: null, partitions }
    })
    return { brokers, controller, topics: found }
  },
})
