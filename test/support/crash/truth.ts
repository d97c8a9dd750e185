import { formatRef } from '../../../core/events/record.ts'
import type { OracleRecord, OracleStep } from '../oracle.ts'

/** A record with its place in the log. */
export interface PlacedRecord extends OracleRecord {
  readonly offset: number
}

/** What the log holds, in its order, with what the ledger says of the time between two records. */
export interface Truth {
  readonly steps: readonly (PlacedRecord | Exclude<OracleStep, OracleRecord>)[]
  readonly futureMs: number
}

/** More than any list of a test holds. */
export const everything = 1_000_000

export const isRecord = (step: Truth['steps'][number]): step is PlacedRecord => 'topic' in step

export const refOf = ({ offset, partition, topic }: PlacedRecord): string => formatRef({ topic, partition, offset })
export const list = (names: Iterable<string>): string => [...names].sort().join(' ')
