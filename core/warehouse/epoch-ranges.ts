import { Fault } from '../base/fault.ts'
import { type EpochKind, epochKinds, type PartitionRange } from '../events/epoch.ts'
import { parseTopicName } from './topic-name.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function readRange(value: unknown): PartitionRange {
  if (isObject(value)) {
    const { from, partition, until } = value
    const topic = parseTopicName(value['topic'])
    if (topic && typeof partition === 'number' && typeof from === 'number' && typeof until === 'number') {
      return { topic, partition, from, until }
    }
  }
  throw new Fault('internal', `an epoch's range cannot be read: ${JSON.stringify(value)}`)
}

/** The ranges of an epoch, from their JSON. */
export function readRanges(json: string): readonly PartitionRange[] {
  const value: unknown = JSON.parse(json)
  return Array.isArray(value) ? value.map(readRange) : []
}

/** An epoch's kind out of the ledger. @throws Fault `warehouse-newer` for one this program does not know */
export function readEpochKind(text: string): EpochKind {
  const kind = epochKinds.find((known) => known === text)
  if (!kind)
    throw new Fault('warehouse-newer', `the ledger has an epoch of kind "${text}", which this program does not know`)
  return kind
}
