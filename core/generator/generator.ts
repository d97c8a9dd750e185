import type { AppendRecord } from '../events/record.ts'

/** Everything the generator's output depends on, besides `fromMs`. Same options, same bytes. */
export interface GeneratorOptions {
  readonly seed: number
  /** Events per second over all topics. */
  readonly rate: number
  /** Overrides per topic, events per second; a topic without one shares `rate` equally with the others. */
  readonly rates: Readonly<Record<string, number>>
  readonly stores: number
  /** `flat`: the rate holds at every moment. `day`: scaled over the day by the stores' rhythm, same daily total. */
  readonly shape: 'flat' | 'day'
  readonly disorder: Disorder
}

/** Chosen disorder, shares 0…1 of the events. */
export interface Disorder {
  readonly late: number
  readonly duplicate: number
  readonly invalid: number
  /** Store that falls silent for `silentForMs` every `silentEveryMs`; 0 = none. */
  readonly silentStore: number
  readonly silentForMs: number
  readonly silentEveryMs: number
  /** Store whose clock is off, and by how much; 0 = none. */
  readonly skewedStore: number
  readonly skewMs: number
  /** Events arrive held back and all at once, every so often; 0 = never. */
  readonly burstEveryMs: number
}

/** One generated record and the virtual instant at which it is sent (its append time in virtual time). */
export interface GeneratedRecord extends AppendRecord {
  readonly sentAtMs: number
}

/** A retail world that sells. Pure: no clock of its own, `advance` is told how far time has come. */
export interface Generator {
  /** All records sent in [previous untilMs, untilMs), in order of `sentAtMs`; at most `maxRecords`. */
  advance(untilMs: number, maxRecords: number): readonly GeneratedRecord[]
  /** Everything sent before this has been returned. */
  readonly nowMs: number
}

/** Memory of a thread, and its share of one processor. */
export interface ThreadUse {
  readonly heapBytes: number
  readonly cpuPercent: number
}

/** A {@link Generator} that may run elsewhere: what callers hold, in this thread or in a worker's. */
export interface GeneratorPort {
  /**
   * As {@link Generator.advance}. Calls are answered in the order in which they were made.
   *
   * @throws Fault `cancelled` after `close`, `internal` when the worker has failed
   */
  advance(untilMs: number, maxRecords: number): Promise<readonly GeneratedRecord[]>
  /** Everything sent before this has been returned, as of the last answer. */
  readonly nowMs: number
  /** What its thread takes, since the last look; null where it has none to itself. */
  measureThread(): ThreadUse | null
  /** Ends the worker, if there is one; calls without an answer yet are rejected. */
  close(): Promise<void>
}

/** What the world is made of, for the store directory. */
export interface StoreProfile {
  readonly id: number
  readonly name: string
  readonly city: string
  readonly zone: string
  readonly sizeClass: 'small' | 'medium' | 'large'
  /** Minutes after local midnight; equal = open round the clock. */
  readonly opensAtMinute: number
  readonly closesAtMinute: number
}
