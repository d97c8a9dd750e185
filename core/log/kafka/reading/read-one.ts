import { Fault } from '../../../base/fault.ts'
import type { LogRecord } from '../../../events/record.ts'
import type { EventTopic } from '../../../events/topics.ts'
import { splitBatches } from '../batch/batch-header.ts'
import { errorCodes, isPassing } from '../calls/error-codes.ts'
import { askRecords } from '../calls/fetch.ts'
import { type KafkaLogState, placeOf } from '../log-state.ts'
import { explainCode } from '../offsets.ts'
import { addBatches, createPartitionBuffer, takeRecord } from './partition-buffer.ts'

const pauseMs = 100
/** The batch with the record comes whole however large it is, so more than it is not asked for. */
const fewBytes = 65_536

/**
 * Reads one record by its offset; its sequence is -1, for it is read out of order. Null when the offset holds no record any
 * more, or not yet.
 */
export async function readOne(
  state: KafkaLogState,
  topic: EventTopic,
  partition: number,
  offset: number,
): Promise<LogRecord | null> {
  const name = state.topicNames[topic]
  const deadlineMs = state.clock.monotonicMs() + state.requestTimeoutMs
  while (true) {
    const leader = state.cluster.leaderOf(name, partition)
    const error = leader < 0 ? errorCodes.leaderNotAvailable : await ask(leader)
    if (typeof error !== 'number') return error
    if (error === errorCodes.offsetOutOfRange) return null
    const fault = explainCode(placeOf(topic, partition), error)
    if (!isPassing(error) || state.clock.monotonicMs() > deadlineMs) throw fault
    if (state.closed) throw new Fault('cancelled', 'the log is closed')
    await state.clock.sleep(pauseMs)
    await state.cluster.refresh()
  }

  async function ask(leader: number): Promise<LogRecord | null | number> {
    const link = await state.cluster.linkTo(leader, 'look-up')
    const limits = { waitMs: 0, bytes: fewBytes, bytesPerPartition: fewBytes }
    const call = askRecords([{ topic: name, partition, offset }], state.isolation, limits)
    const [answer] = await link.send(call, state.requestTimeoutMs)
    if (answer === undefined) return null
    if (answer.error !== errorCodes.none) return answer.error
    const buffer = createPartitionBuffer(topic, partition, offset)
    const aborted = state.isolation === 'read-committed' ? answer.aborted : []
    const { batches, nextOffset } = splitBatches(answer.records, { topic, partition, offset }, aborted)
    addBatches(buffer, batches, nextOffset)
    if (buffer.fault) throw buffer.fault
    return buffer.hasRecord && buffer.position === offset ? takeRecord(buffer, -1) : null
  }
}
