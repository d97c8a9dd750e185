import { Fault, toFault } from '../../base/fault.ts'
import type { LogPosition } from '../log.ts'
import { askCoordinator, commitOffsets } from './calls/commit-offsets.ts'
import { errorCodes } from './calls/error-codes.ts'
import { clusterTopicOf, type KafkaLogState } from './log-state.ts'
import { explainCode } from './offsets.ts'

const pauseMs = 200

/**
 * Writes positions down under a group that nobody has joined, for tools that show lag. Nothing here ever reads them back.
 *
 * @throws Fault `unreachable` or `refused`; the group may be in use by somebody else
 */
export async function commitGroupOffsets(
  state: KafkaLogState,
  groupId: string,
  positions: readonly LogPosition[],
): Promise<void> {
  const deadlineMs = state.clock.monotonicMs() + state.requestTimeoutMs
  const offsets = positions.map(({ topic, partition, offset }) => ({
    topic: clusterTopicOf(state, topic),
    partition,
    offset,
  }))
  while (true) {
    try {
      await commitOnce(state, groupId, offsets)
      return
    } catch (error) {
      const fault = toFault(error, `committing to group ${groupId}`)
      if (!fault.retry || state.closed || state.clock.monotonicMs() > deadlineMs) throw fault
      await state.clock.sleep(pauseMs)
    }
  }
}

async function commitOnce(
  state: KafkaLogState,
  groupId: string,
  offsets: Parameters<typeof commitOffsets>[1],
): Promise<void> {
  const any = await state.cluster.linkToAny()
  const coordinator = await any.send(askCoordinator(groupId), state.requestTimeoutMs)
  if (coordinator.error !== errorCodes.none) throw explainGroup(groupId, coordinator.error)
  const link = await state.cluster.linkTo(coordinator.id, 'control')
  const errors = await link.send(commitOffsets(groupId, offsets), state.requestTimeoutMs)
  const error = errors.find((code) => code !== errorCodes.none)
  if (error !== undefined) throw explainGroup(groupId, error)
}

function explainGroup(groupId: string, code: number): Fault {
  if (code === errorCodes.groupNotAllowed) {
    return new Fault('refused', `this user may not commit to group ${groupId}`, {
      hint: 'grant Read on the group, or leave the group out of the profile',
      domain: 'user',
    })
  }
  if (code === errorCodes.unknownMember || code === errorCodes.illegalGeneration) {
    return new Fault('refused', `group ${groupId} is in use by others`, {
      hint: 'give the profile a group of its own',
      domain: 'user',
    })
  }
  return explainCode(`group ${groupId}`, code)
}
