import { eventTopics, readmissionTopic, type Topic } from '../events/topics.ts'

const topics: readonly Topic[] = [...eventTopics, readmissionTopic]

/** A topic's name read back from storage, or null when it is none. */
export const parseTopicName = (value: unknown): Topic | null => topics.find((topic) => topic === value) ?? null
