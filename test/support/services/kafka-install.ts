import { type Artifact, installArtifacts } from './install-maven.ts'
import { fillFolder } from './machine.ts'

/** Kafka lines under test, by what `startKafka` calls them; 3.9 is the last that ZooKeeper can lead. */
export const kafkaVersions = { '4.1': '4.1.0', '3.9': '3.9.1' } as const
export type KafkaVersion = keyof typeof kafkaVersions

const listArtifacts = (version: string): readonly Artifact[] => [
  { group: 'org.apache.kafka', name: 'kafka_2.13', version },
  { group: 'org.apache.kafka', name: 'kafka-tools', version },
]

export const kafkaFolder = (version: KafkaVersion): string => `kafka-${kafkaVersions[version]}`

export const installKafka = (version: KafkaVersion): string =>
  fillFolder(kafkaFolder(version), (folder) => installArtifacts(folder, listArtifacts(kafkaVersions[version])))
