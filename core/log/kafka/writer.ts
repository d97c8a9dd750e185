import { Fault, toFault } from '../../base/fault.ts'
import { partitionOfKey } from '../../base/murmur2.ts'
import type { AppendRecord, Origin } from '../../events/record.ts'
import { type EventTopic, isEventTopic } from '../../events/topics.ts'
import { readAppendTimes } from '../append-stamp.ts'
import type { AppendStamp } from '../log.ts'
import type { Compression } from './batch/codecs.ts'
import { encodeBatch, estimateBytes, type OutgoingRecord } from './batch/encode-batch.ts'
import { describeCode, errorCodes } from './calls/error-codes.ts'
import { askProducerId, type ProduceQuestion, type ProducerId, sendBatches } from './calls/produce.ts'
import { countPartitions, type KafkaLogState, noteRange, notOnKafka, placeOf, refuseClosed } from './log-state.ts'
import { explainCode } from './offsets.ts'

/** Below the usual `message.max.bytes` of a broker (1,048,588); a record larger than that goes in a batch of its own. */
const batchBytes = 900_000
const firstPauseMs = 50
const longestPauseMs = 1_000

/** What one append has for one partition, and how far it has got. */
interface PartitionWork {
  readonly topic: EventTopic
  readonly partition: number
  readonly batches: readonly (readonly OutgoingRecord[])[]
  done: number
}

/** Appends with an idempotent producer of its own; calls take turns. */
export interface Writer {
  append(records: readonly AppendRecord[], stamp: AppendStamp): Promise<void>
}

/**
 * 1. Every batch has the producer's id and, per partition, a sequence without gaps: a batch that is sent again after an
 *    unknown outcome is kept once.
 * 2. One batch a partition is under way at a time, so order within a partition is that of the appends.
 * 3. An append that is given up leaves the id behind: the next one gets another, and may repeat what was given up.
 *
 * @param giveUpMs how long one append tries
 */
export function createWriter(state: KafkaLogState, compression: Compression, giveUpMs: number): Writer {
  let producer: ProducerId | null = null
  let sequences = new Map<string, number>()
  const turns = new Map<EventTopic, number>()
  let last: Promise<unknown> = Promise.resolve()

  const route = (topic: EventTopic, key: Uint8Array | null): number => {
    const partitions = countPartitions(state, topic)
    if (partitions === 0) throw missingTopic(state.topicNames[topic])
    if (key !== null) return partitionOfKey(key, partitions)
    const turn = (turns.get(topic) ?? 0) % partitions
    turns.set(topic, turn + 1)
    return turn
  }

  const deal = (records: readonly AppendRecord[], timeOf: (index: number) => number): readonly PartitionWork[] => {
    const groups = new Map<
      string,
      { readonly topic: EventTopic; readonly partition: number; records: OutgoingRecord[] }
    >()
    for (const [index, { topic, key, value }] of records.entries()) {
      if (!isEventTopic(topic)) throw notOnKafka(topic)
      const partition = route(topic, key)
      const place = placeOf(topic, partition)
      const group = groups.get(place) ?? { topic, partition, records: [] }
      groups.set(place, group)
      group.records.push({ key, value, timeMs: timeOf(index) })
    }
    return [...groups.values()].map(({ topic, partition, records }) => ({
      topic,
      partition,
      done: 0,
      batches: cutBatches(records),
    }))
  }

  async function findProducer(): Promise<ProducerId> {
    if (producer) return producer
    const link = await state.cluster.linkToAny()
    const { error, id, epoch } = await link.send(askProducerId, state.requestTimeoutMs)
    if (error === errorCodes.clusterNotAllowed) {
      throw new Fault('refused', 'this user may not write idempotently', {
        hint: 'grant IdempotentWrite on the cluster, or Write on the topics (Kafka 2.8 and later)',
        domain: 'user',
      })
    }
    if (error !== errorCodes.none) throw explainCode('a producer id', error)
    producer = { id, epoch }
    sequences = new Map()
    return producer
  }

  /** Sends the next batch of every partition that has one. @returns why some have to be sent again, or null */
  async function sendRound(work: readonly PartitionWork[], origin: Origin): Promise<Fault | null> {
    const { id, epoch } = await findProducer()
    const byLeader = new Map<number, PartitionWork[]>()
    for (const item of work) {
      const leader = state.cluster.leaderOf(state.topicNames[item.topic], item.partition)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), item])
    }
    const faults = await Promise.all(
      [...byLeader].map(async ([leader, items]) => {
        const questions = items.map(({ topic, partition, batches, done }): ProduceQuestion => {
          const sequence = sequences.get(placeOf(topic, partition)) ?? 0
          const records = batches[done] ?? []
          const batch = encodeBatch({ records, origin, compression, producerId: id, producerEpoch: epoch, sequence })
          return { topic: state.topicNames[topic], partition, batch }
        })
        try {
          const link = await state.cluster.linkTo(leader, 'append')
          const answers = await link.send(
            sendBatches(questions, state.requestTimeoutMs),
            state.requestTimeoutMs + 1_000,
          )
          return items.map((item) => takeAnswer(item, answers)).find((fault) => fault !== null) ?? null
        } catch (error) {
          return toFault(error, 'appending')
        }
      }),
    )
    return faults.find((fault) => fault !== null && !fault.retry) ?? faults.find((fault) => fault !== null) ?? null
  }

  const takeAnswer = (
    item: PartitionWork,
    answers: Awaited<ReturnType<ReturnType<typeof sendBatches>['read']>>,
  ): Fault | null => {
    const { topic, partition } = item
    const name = state.topicNames[topic]
    const answer = answers.find((candidate) => candidate.topic === name && candidate.partition === partition)
    if (answer === undefined)
      return new Fault('unreachable', `${name}/${partition}: the broker gave no answer`, { retry: true })
    const place = placeOf(topic, partition)
    const count = item.batches[item.done]?.length ?? 0
    if (answer.error !== errorCodes.none && answer.error !== errorCodes.duplicateSequence) {
      return explainAppend(`${name}/${partition}`, answer.error)
    }
    item.done += 1
    sequences.set(place, ((sequences.get(place) ?? 0) + count) % 2 ** 31)
    if (answer.baseOffset >= 0) {
      const end = answer.baseOffset + count
      state.appendedEnds.set(place, end)
      if (state.isolation === 'read-uncommitted') noteRange(state, topic, partition, { end })
    }
    return null
  }

  async function appendAll(records: readonly AppendRecord[], stamp: AppendStamp): Promise<void> {
    refuseClosed(state)
    const timeOf = readAppendTimes(stamp, records.length)
    const work = deal(records, timeOf)
    const deadlineMs = state.clock.monotonicMs() + giveUpMs
    let pauseMs = firstPauseMs
    for (let open = work; open.length > 0; open = open.filter(({ done, batches }) => done < batches.length)) {
      const before = open.reduce((sum, { done }) => sum + done, 0)
      const fault = await sendRound(open, stamp.origin).catch((error: unknown) => toFault(error, 'appending'))
      if (fault === null) continue
      if (!fault.retry || state.closed || state.clock.monotonicMs() > deadlineMs) {
        producer = null
        throw fault
      }
      if (open.reduce((sum, { done }) => sum + done, 0) > before) pauseMs = firstPauseMs
      await state.clock.sleep(pauseMs)
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
      await state.cluster.refresh().catch(() => undefined)
    }
    report(records, work, timeOf)
  }

  const report = (
    records: readonly AppendRecord[],
    work: readonly PartitionWork[],
    timeOf: (index: number) => number,
  ): void => {
    let bytes = 0
    let newestMs = -1
    for (const [index, { key, value }] of records.entries()) {
      bytes += (key?.length ?? 0) + (value?.length ?? 0)
      newestMs = Math.max(newestMs, timeOf(index))
    }
    if (work.length === 0) return
    state.newestAppendedAtMs = Math.max(state.newestAppendedAtMs ?? newestMs, newestMs)
    state.wakeups.wakeAll()
    state.probe?.emit('appended', { records: records.length, bytes, atMs: newestMs })
  }

  return {
    append(records, stamp) {
      const turn = last.then(() => appendAll(records, stamp))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

function cutBatches(records: readonly OutgoingRecord[]): readonly (readonly OutgoingRecord[])[] {
  const batches: OutgoingRecord[][] = []
  let bytes = Infinity
  for (const record of records) {
    const size = estimateBytes(record)
    if (bytes + size > batchBytes) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(record)
    bytes += size
  }
  return batches
}

function explainAppend(place: string, code: number): Fault {
  if (code === errorCodes.messageTooLarge || code === errorCodes.recordListTooLarge) {
    return new Fault('refused', `${place}: the broker takes no record of that size`, {
      hint: 'raise max.message.bytes of the topic',
      domain: 'user',
    })
  }
  if (
    code === errorCodes.outOfOrderSequence ||
    code === errorCodes.unknownProducer ||
    code === errorCodes.invalidProducerEpoch
  ) {
    return new Fault('unreachable', `${place}: the broker lost track of what was appended (${describeCode(code)})`, {
      hint: 'append again; what was under way may be there twice',
    })
  }
  return explainCode(place, code)
}

const missingTopic = (name: string): Fault =>
  new Fault('not-found', `the cluster has no topic ${name}`, {
    hint: 'make it with `storepulse topics create`',
    domain: 'user',
  })
