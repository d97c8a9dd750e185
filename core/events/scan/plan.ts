import { createKey, type Key } from './key.ts'

/** How a field's value is scanned. The first six are kept, all others are only validated. */
export type FieldKind =
  | 'id'
  | 'customer'
  | 'store'
  | 'time'
  | 'total'
  | 'kind'
  | 'identifier'
  | 'text'
  | 'amount'
  | 'price'
  | 'quantity'
  | 'stock'
  | 'integer'
  | 'duration'
  | 'choice'
  | 'object'
  | 'list'

export interface PlannedField {
  readonly kind: FieldKind
  readonly key: Key
  /** This field's bit in {@link ScanPlan.required}; 0 where it may be missing. */
  readonly bit: number
  /** Whether null counts as absent. Not for the kind: it may have been there before, under the same key. */
  readonly nullable: boolean
  /** Of a choice: each allowed value with its quotes. */
  readonly choices: readonly Uint8Array[]
  /** Of an object or a list of objects: its fields. */
  readonly members: ScanPlan
}

/** The fields of one object. */
export interface ScanPlan {
  readonly fields: readonly PlannedField[]
  /**
   * Which field came after which last time, as positions in `fields` plus one, 0 before the first: a producer keeps to
   * its order, so that this is nearly always right. It only says where to look first.
   */
  readonly followers: Uint8Array
  /** The bits of all fields that must be there. */
  readonly required: number
}

export interface FieldOptions {
  readonly required?: boolean
  readonly choices?: readonly string[]
  readonly members?: ScanPlan
}

export type FieldEntry = readonly [name: string, kind: FieldKind, options?: FieldOptions]

const emptyPlan: ScanPlan = { fields: [], followers: new Uint8Array(1), required: 0 }

const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** Plans an object of at most 31 fields. */
export function planFields(entries: readonly FieldEntry[]): ScanPlan {
  const fields = entries.map(([name, kind, options = {}], index): PlannedField => {
    return {
      kind,
      key: createKey(name),
      bit: options.required ? 1 << index : 0,
      nullable: !options.required && kind !== 'kind',
      choices: (options.choices ?? []).map((choice) => toBytes(`"${choice}"`)),
      members: options.members ?? emptyPlan,
    }
  })
  return {
    fields,
    followers: Uint8Array.from({ length: fields.length + 1 }, (_, index) => index + 1),
    required: fields.reduce((bits, field) => bits | field.bit, 0),
  }
}
