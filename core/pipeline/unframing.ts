import type { LogRecord } from '../events/record.ts'
import { frameBytes, readSchemaId } from '../registry/frame.ts'
import type { Schema, SchemaRegistry } from '../registry/registry.ts'

/** Larger values are refused unread, framed or not. */
const maxValueBytes = 1_048_576

/** Puts records that are framed with a schema's number into the form that is decoded; everything else stays. */
export interface Unframing {
  /** Whether `unframe` has a say in it. */
  isFramed(record: LogRecord): boolean
  /**
   * The record with its value as JSON, or null where its schema, or what it was written with, cannot be read.
   *
   * @throws Fault that may pass while the registry cannot be asked
   */
  unframe(record: LogRecord): Promise<LogRecord | null>
  /** @throws Fault where the registry does not answer, or does not let us in */
  check(): Promise<void>
}

function replaceValue(record: LogRecord, toJson: (payload: Buffer) => Buffer | null): LogRecord | null {
  const { source, valueEnd, valueStart } = record
  const json = toJson(source.subarray(valueStart + frameBytes, valueEnd))
  return json && { ...record, source: json, keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: json.length }
}

function open(record: LogRecord, schema: Schema): LogRecord | null {
  switch (schema.kind) {
    case 'json':
      return record
    case 'unreadable':
      return null
    case 'avro':
      return replaceValue(record, schema.toJson)
    default:
      return schema satisfies never
  }
}

/** Opens frames with the schemas of a registry. */
export const createUnframing = (registry: SchemaRegistry): Unframing => ({
  isFramed: ({ source, valueEnd, valueStart }) =>
    source[valueStart] === 0 &&
    valueEnd - valueStart <= maxValueBytes &&
    readSchemaId(source, valueStart, valueEnd) !== null,
  async unframe(record) {
    const id = readSchemaId(record.source, record.valueStart, record.valueEnd)
    if (id === null) return record
    return open(record, registry.peek(id) ?? (await registry.findSchema(id)))
  },
  check: () => registry.check(),
})
