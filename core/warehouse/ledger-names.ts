import { Fault } from '../base/fault.ts'
import { type RejectionReason, rejectionReasons } from '../events/decoded.ts'
import type { Topic } from '../events/topics.ts'
import { parseTopicName } from './topic-name.ts'

/** A topic that a ledger names. */
export function readTopic(text: string): Topic {
  const topic = parseTopicName(text)
  if (!topic) throw new Fault('internal', `the ledger names a topic "${text}"`)
  return topic
}

/** A reason that the quarantine names. */
export function readReason(text: string): RejectionReason {
  const reason = rejectionReasons.find((known) => known === text)
  if (!reason) throw new Fault('internal', `the quarantine names a reason "${text}"`)
  return reason
}
