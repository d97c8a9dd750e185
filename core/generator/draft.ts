import type { RecordWriter } from './record-writer.ts'

/** A record on its way, not yet sent. */
export interface Draft {
  readonly key: Uint8Array
  readonly value: Buffer
  /** Index of the store it names; −1 when it names none. */
  readonly storeIndex: number
}

/** Makes the records of one topic. */
export interface RecordMaker {
  /**
   * The next event of the topic: it changes the world.
   *
   * @param createdAtMs when it is made, whole milliseconds; never falls from call to call
   * @param latenessMs how much older than that its event time is
   * @returns null when nobody is left who could make it
   */
  makeEvent(createdAtMs: number, latenessMs: number): Draft | null
  /** What an event might look like, to be spoiled: it changes nothing but the chance to come. */
  makeSample(createdAtMs: number): Draft | null
}

/** What all makers of one run share. */
export interface MakerTools {
  readonly out: RecordWriter
  /** Part of every id, so that runs do not share ids. */
  readonly tag: string
}
