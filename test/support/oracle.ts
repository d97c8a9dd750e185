import type { RejectionReason } from '../../core/events/decoded.ts'
import type { EventTopic } from '../../core/events/topics.ts'
import {
  createOracle,
  defaultOracleOptions,
  type OracleCounters,
  type OracleOptions,
  type OracleRecord,
  type OracleVerdict,
  type OracleWindow,
} from './oracle-rules.ts'

/** The table recomputed from the written rules alone, for a whole log at once. */

export { defaultOracleOptions, type OracleOptions, type OracleRecord }

/** What stands between two records: windows closed without one, or a word that a record is to count after all. */
export type OracleStep = OracleRecord | { readonly closesUntilMs: number } | { readonly readmits: OracleRecord }

/** What became of a record when it was read; the reason where it was rejected. */
export type OracleOutcome = Exclude<keyof OracleCounters, 'received' | 'invalid'> | RejectionReason

export interface OracleResult {
  /** By `${storeId}@${startMs}`. */
  readonly windows: ReadonlyMap<string, OracleWindow>
  /** Keys of the windows that are final. */
  readonly final: ReadonlySet<string>
  readonly counters: Readonly<Record<EventTopic, OracleCounters>>
  /** Reasons that occurred, over all topics. */
  readonly invalidByReason: ReadonlyMap<RejectionReason, number>
  readonly watermarkMs: number | null
  /** When each record was first read. */
  readonly outcomes: ReadonlyMap<OracleRecord, OracleOutcome>
  /** Those that counted, or turned out to be duplicates, after all. */
  readonly readmitted: ReadonlySet<OracleRecord>
}

const nameOutcome = (verdict: OracleVerdict): OracleOutcome =>
  verdict.type === 'invalid' ? verdict.reason : verdict.type

/** @param steps in the order of the log */
export function recompute(steps: Iterable<OracleStep>, options: OracleOptions = defaultOracleOptions): OracleResult {
  const oracle = createOracle(options)
  const verdicts = new Map<OracleRecord, OracleVerdict>()
  const readmitted = new Set<OracleRecord>()
  const names = new Map<OracleRecord, string>()

  const readmit = (record: OracleRecord): void => {
    const verdict = verdicts.get(record)
    if (verdict?.type !== 'late' && verdict?.type !== 'invalid') return
    const reason = verdict.type === 'invalid' ? verdict.reason : null
    if (oracle.readmit({ ref: names.get(record) ?? '', was: verdict.type, reason }, record)) readmitted.add(record)
  }
  for (const step of steps) {
    if ('closesUntilMs' in step) oracle.closeIdle(step.closesUntilMs)
    else if ('readmits' in step) readmit(step.readmits)
    else {
      names.set(step, `record ${names.size}`)
      verdicts.set(step, oracle.read(step))
    }
  }

  const { counters, invalidByReason, watermarkMs, windows } = oracle
  const final = new Set([...windows].filter(([, window]) => oracle.isFinal(window)).map(([key]) => key))
  const outcomes = new Map([...verdicts].map(([record, verdict]) => [record, nameOutcome(verdict)]))
  return { windows, final, counters, invalidByReason, watermarkMs, outcomes, readmitted }
}
