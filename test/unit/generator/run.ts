import { createGenerator } from '../../../core/generator/create-generator.ts'
import type { Disorder, GeneratedRecord, GeneratorOptions } from '../../../core/generator/generator.ts'
import { noDisorder } from '../../../core/generator/incidents.ts'

/** A Monday, the start of virtual time. */
export const fromMs = Date.UTC(2025, 0, 6)

/** Options with the given changes: seed 7, 30 events a second, ten stores, no disorder. */
export const optionsWith = (
  changes: Partial<Omit<GeneratorOptions, 'disorder'>> & { readonly disorder?: Partial<Disorder> } = {},
): GeneratorOptions => ({
  seed: 7,
  rate: 30,
  rates: {},
  stores: 10,
  shape: 'flat',
  ...changes,
  disorder: { ...noDisorder, ...changes.disorder },
})

/** The first `count` records. */
export const takeRecords = (options: GeneratorOptions, count: number, from = fromMs): readonly GeneratedRecord[] =>
  createGenerator(options, from).advance(Number.MAX_SAFE_INTEGER, count)

/** Everything sent in the first `durationMs`. */
export const takeFor = (options: GeneratorOptions, durationMs: number): readonly GeneratedRecord[] =>
  createGenerator(options, fromMs).advance(fromMs + durationMs, Number.MAX_SAFE_INTEGER)

export const onTopic = (records: readonly GeneratedRecord[], topic: string): readonly GeneratedRecord[] =>
  records.filter((record) => record.topic === topic)

/** A value as text. */
export const textOf = ({ value }: GeneratedRecord): string => Buffer.from(value ?? new Uint8Array(0)).toString('utf8')

/** A value as the object it must be. */
export const readObject = (record: GeneratedRecord): Record<string, unknown> =>
  JSON.parse(textOf(record)) as Record<string, unknown>

/** Records in a form that can be compared: everything in them, bytes as hexadecimal. */
export const describeRecords = (records: readonly GeneratedRecord[]): readonly string[] =>
  records.map(({ topic, key, value, sentAtMs }) => [topic, sentAtMs, hexOf(key), hexOf(value)].join(' '))

const hexOf = (bytes: Uint8Array | null): string => (bytes ? Buffer.from(bytes).toString('hex') : 'null')
