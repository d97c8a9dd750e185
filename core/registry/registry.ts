/**
 * The registry port: the schemas that records were written with, by the number in their frame.
 *
 * 1. A schema never changes under its number: what was found stays found, without asking again.
 * 2. That a schema does not exist, or cannot be read with, is an answer. That nobody can be asked is a fault, and may pass:
 *    what becomes of a record must not depend on whether a server was up.
 */
export interface SchemaRegistry {
  /** What is known of a schema already, or null. */
  peek(id: number): Schema | null
  /** @throws Fault `unreachable`, `refused` or `timeout`, all of which may pass */
  findSchema(id: number): Promise<Schema>
  /** Asks whether it is there and lets us in. @throws as {@link SchemaRegistry.findSchema} */
  check(): Promise<void>
}

/** What to do with the bytes behind a frame. */
export type Schema =
  /** They are JSON as they are. */
  | { readonly kind: 'json' }
  /** `toJson` gives their JSON in UTF-8, or null where they are not of this schema. */
  | { readonly kind: 'avro'; readonly toJson: (payload: Buffer) => Buffer | null }
  | { readonly kind: 'unreadable'; readonly why: string }
