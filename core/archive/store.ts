/**
 * Where an archive's objects lie: a few verbs that a directory and an object store both have.
 *
 * 1. An object is there whole or not at all, and durable once a promise resolves.
 * 2. {@link ArchiveStore.replace} is the one way to write: of several writers who saw the same, one succeeds.
 */
export interface ArchiveStore {
  /** Every object, in no order. */
  list(): Promise<readonly StoredObject[]>
  /** An object's bytes, or null when there is none. */
  read(key: string): Promise<ReadObject | null>
  /**
   * Writes an object while it is still what `tag` says; null: while there is none.
   *
   * @returns whether it was written; false when it is another by now
   */
  replace(key: string, bytes: Uint8Array, tag: string | null): Promise<boolean>
  /** Removes an object, if it is there. */
  remove(key: string): Promise<void>
  /** Clears away what killed writers left. */
  tidy(): Promise<void>
  close(): Promise<void>
}

export interface StoredObject {
  /** Path with `/` between its parts, relative to the archive. */
  readonly key: string
  readonly sizeBytes: number
  /** Changes whenever the object does. */
  readonly tag: string
}

export interface ReadObject {
  readonly bytes: Uint8Array
  readonly tag: string
}
