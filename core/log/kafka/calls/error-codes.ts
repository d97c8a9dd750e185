/** Error codes of Kafka's protocol that mean something here (`org.apache.kafka.common.protocol.Errors`). */
export const errorCodes = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMember: 25,
  topicNotAllowed: 29,
  groupNotAllowed: 30,
  clusterNotAllowed: 31,
  topicExists: 36,
  invalidReplicationFactor: 38,
  notController: 41,
  policyViolation: 44,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  storageError: 56,
  unknownProducer: 59,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  invalidRecord: 87,
  unknownTopicId: 100,
} as const

const names = new Map<number, string>(Object.entries(errorCodes).map(([name, code]) => [code, name]))

/** The error in words, with its number. */
export const describeCode = (code: number): string => {
  const words = (names.get(code) ?? 'error').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${words} (Kafka's error ${code})`
}

const passing: readonly number[] = [
  errorCodes.unknownTopicOrPartition,
  errorCodes.leaderNotAvailable,
  errorCodes.notLeader,
  errorCodes.requestTimedOut,
  errorCodes.replicaNotAvailable,
  errorCodes.notEnoughReplicas,
  errorCodes.notEnoughReplicasAfterAppend,
  errorCodes.coordinatorLoading,
  errorCodes.coordinatorNotAvailable,
  errorCodes.notCoordinator,
  errorCodes.notController,
  errorCodes.storageError,
  errorCodes.fencedLeaderEpoch,
  errorCodes.unknownLeaderEpoch,
  errorCodes.offsetNotAvailable,
]

/** Whether it passes by itself, mostly with newer metadata. */
export const isPassing = (code: number): boolean => passing.includes(code)
