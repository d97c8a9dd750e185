import type { Schema as AvroSchema, Type, types } from 'avsc'
import { createBoundsCheck } from './avro-bounds.ts'
import { convertDecimal, convertLong, describeDay, describeUuid } from './avro-values.ts'
import { toJsonText, widenFloat } from './json-text.ts'
import type { Schema } from './registry.ts'

/** avsc is loaded when the first Avro schema comes: most clusters have none. */
async function loadAvsc(): Promise<typeof import('avsc')> {
  const module = await import('avsc')
  return module.default
}
type Avsc = Awaited<ReturnType<typeof loadAvsc>>
type TypeHook = (schema: AvroSchema, options: object) => Type | undefined

/** Defaults and aliases are for who reads with another schema than the one written with: here they could only be wrong. */
const parseSchema = (text: string): AvroSchema =>
  JSON.parse(text, (key, value) => (key === 'default' || key === 'aliases' ? undefined : value))

interface Described {
  readonly type: string
  readonly logicalType: string | null
  readonly scale: number
}

/** What a type is, as far as values depend on it; null for those that have members. */
function describe(schema: unknown): Described | null {
  if (typeof schema === 'string') return { type: schema, logicalType: null, scale: 0 }
  if (typeof schema !== 'object' || schema === null || !('type' in schema) || typeof schema.type !== 'string')
    return null
  const logicalType = 'logicalType' in schema && typeof schema.logicalType === 'string' ? schema.logicalType : null
  const scale = 'scale' in schema && Number.isSafeInteger(schema.scale) ? Number(schema.scale) : 0
  return { type: schema.type, logicalType, scale: Math.max(0, scale) }
}

/** What becomes of bytes under a logical type; null leaves them. */
function convertBytes({ logicalType, scale }: Described): ((bytes: Buffer) => string) | null {
  if (logicalType === 'decimal') return convertDecimal(scale)
  return logicalType === 'uuid' ? describeUuid : null
}

const refuseWriting = (): never => {
  throw new Error('nothing is written in Avro')
}

/** Makes the types whose values are changed while they are read. */
function createHook({ types }: Avsc): TypeHook {
  class ConvertedType<Value> extends types.LogicalType {
    private readonly convert: (value: Value) => unknown
    constructor(schema: AvroSchema, options: object, convert: (value: Value) => unknown) {
      super(schema, options)
      this.convert = convert
    }
    protected override _fromValue(value: Value): unknown {
      return this.convert(value)
    }
    protected override _toValue(): never {
      return refuseWriting()
    }
  }
  const createLong = (logicalType: string | null): types.LongType => {
    const convert = convertLong(logicalType)
    return types.LongType.__with({
      fromBuffer: (bytes: Buffer) => convert(bytes.readBigInt64LE()),
      toBuffer: refuseWriting,
      fromJSON: refuseWriting,
      toJSON: refuseWriting,
      isValid: refuseWriting,
      compare: refuseWriting,
    })
  }
  return (schema, options) => {
    const described = describe(schema)
    // The type underneath is made without this hook, and is known by its name as the changed one.
    const beneath = { ...options, typeHook: undefined }
    if (described?.type === 'long') return createLong(described.logicalType)
    if (described?.type === 'float') return new ConvertedType<number>({ type: 'float' }, beneath, widenFloat)
    if (described?.type === 'int' && described.logicalType === 'date') {
      return new ConvertedType<number>({ type: 'int' }, beneath, describeDay)
    }
    if (described?.type !== 'bytes' && described?.type !== 'fixed') return undefined
    const convert = convertBytes(described)
    return convert === null ? undefined : new ConvertedType<Buffer>(schema, beneath, convert)
  }
}

/**
 * A reader of what was written with an Avro schema.
 *
 * @param text the schema, as JSON
 * @param references texts of the schemas it names types of, each after those it names itself
 */
export async function compileAvro(text: string, references: readonly string[]): Promise<Schema> {
  const avsc = await loadAvsc()
  const registry = {}
  const typeHook = createHook(avsc)
  const make = (one: string): Type => avsc.Type.forSchema(parseSchema(one), { registry, typeHook })
  let type: Type
  try {
    for (const reference of references) make(reference)
    type = make(text)
  } catch (error) {
    return {
      kind: 'unreadable',
      why: `its schema is no Avro: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
  const fits = createBoundsCheck(type, avsc.types)
  return {
    kind: 'avro',
    toJson(payload) {
      try {
        // In here: what nests within itself for a megabyte runs out of stack.
        if (!fits(payload)) return null
        return Buffer.from(toJsonText(type.fromBuffer(payload)))
      } catch {
        return null
      }
    },
  }
}
