import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventTopic } from '../../../core/events/topics.ts'
import { poison, poisonNowMs } from '../../support/poison.ts'
import { agrees, agreesOn } from './agreement.ts'
import { nearlyValidEvent, oddValue, validEvent } from './event-arbitraries.ts'

const layout = fc.constantFrom<(value: unknown) => string>(
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, null, '\t'),
  (value) => ` ${JSON.stringify(value, null, 1)}\r\n`,
  // As Python's json.dumps has it. No text of these events has such a stretch in it.
  (value) => JSON.stringify(value).replaceAll('":', '": ').replaceAll(',"', ', "'),
)

it('is sure of every event that a well-behaved producer writes, in any layout', () => {
  fc.assert(
    fc.property(validEvent, layout, ([topic, fields], write) => {
      expect(agreesOn(topic, write(fields))).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

it('is sure of events whose fields come in any order', () => {
  const shuffled = validEvent.chain(([topic, fields]) =>
    fc
      .shuffledSubarray(Object.keys(fields), { minLength: Object.keys(fields).length })
      .map((names) => [topic, Object.fromEntries(names.map((name) => [name, fields[name]]))] as const),
  )
  fc.assert(
    fc.property(shuffled, ([topic, fields]) => {
      expect(agreesOn(topic, JSON.stringify(fields))).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

it('never contradicts the parser on nearly valid events', () => {
  fc.assert(
    fc.property(nearlyValidEvent, layout, ([topic, fields], write) => {
      agreesOn(topic, write(fields))
    }),
    { numRuns: 8_000 },
  )
})

/** A change of some bytes: put in, taken out, replaced, or cut off; often by bytes that mean something in JSON. */
const mutation = fc.tuple(
  fc.nat(),
  fc.nat(3),
  fc.oneof(
    fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '-',
      '.',
      '0',
      '1',
      'e',
      'Z',
      ' ',
      '\n',
      '\0',
      '\u007f',
      'é',
    ),
    fc.constantFrom(
      'null',
      'true',
      '""',
      '"tax":"x",',
      '"kind":"refund",',
      '"amount":1,',
      '\\u0061',
      '\\v',
      '{"a":1}',
      '[]',
      '1e999',
      '00',
    ),
    fc.string({ unit: 'binary', maxLength: 2 }),
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc.constantFrom(
      ...['c0af', 'eda080', 'f4908080', 'e08080', 'c3', 'e282', 'f09f9b', 'efbbbf'].map((hex) =>
        Buffer.from(hex, 'hex'),
      ),
    ),
  ),
)

function mutate(text: string, changes: readonly (readonly [number, number, string | Uint8Array])[]): Buffer {
  let bytes = Buffer.from(text)
  for (const [position, removed, inserted] of changes) {
    const at = position % (bytes.length + 1)
    const middle = typeof inserted === 'string' ? Buffer.from(inserted) : inserted
    bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + removed)])
  }
  return bytes
}

it('never contradicts the parser on events with some bytes changed', () => {
  fc.assert(
    fc.property(validEvent, fc.array(mutation, { minLength: 1, maxLength: 3 }), ([topic, fields], changes) => {
      agreesOn(topic, mutate(JSON.stringify(fields), changes))
    }),
    { numRuns: 12_000 },
  )
})

it('never contradicts the parser where a record ends anywhere, whatever follows it', () => {
  const pair = fc.tuple(validEvent, validEvent, fc.nat(), fc.nat())
  fc.assert(
    fc.property(pair, ([[topic, first], [, second], start, length]) => {
      const source = Buffer.from(JSON.stringify(first) + JSON.stringify(second))
      const from = start % 3 === 0 ? 0 : start % source.length
      agrees(topic, source, from, Math.min(source.length, from + (length % (source.length + 1))))
    }),
    { numRuns: 5_000 },
  )
})

it('never contradicts the parser on a number, text or literal in place of a value', () => {
  const number = fc.stringMatching(/^-?(0|[1-9]\d{0,12}|\d{1,4})(\.\d{0,20})?([eE][+-]?\d{0,3})?$/)
  const clock = fc.stringMatching(
    /^"20[0-3]\d-[0-1]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{0,12})?(Z|z|\+00:00|-00:00|\+0100|)"$/,
  )
  const literal = fc.constantFrom('true', 'false', 'null', 'nul', 'NaN', '""', '"', 'truefalse', '-', '[1]')
  const written = fc.oneof(
    number,
    clock,
    literal,
    oddValue.map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(validEvent, fc.nat(), written, ([topic, fields], which, text) => {
      const names = [...Object.keys(fields), 'note']
      const name = names[which % names.length] ?? 'note'
      const marked = JSON.stringify({ ...fields, [name]: '\u0001' })
      agreesOn(
        topic,
        marked.replace('"\\u0001"', () => text),
      )
    }),
    { numRuns: 12_000 },
  )
})

it('never contradicts the parser on repeated keys', () => {
  fc.assert(
    fc.property(nearlyValidEvent, nearlyValidEvent, ([topic, first], [, second]) => {
      agreesOn(topic, `${JSON.stringify(first).slice(0, -1)},${JSON.stringify(second).slice(1)}`)
    }),
    { numRuns: 5_000 },
  )
})

it('never contradicts the parser on any JSON or any bytes', () => {
  const topic = fc.constantFrom<EventTopic>('retail-transactions', 'customer-events', 'inventory-updates')
  fc.assert(
    fc.property(topic, fc.oneof(fc.json(), fc.uint8Array({ maxLength: 64 })), (name, value) => {
      agreesOn(name, value)
    }),
    { numRuns: 3_000 },
  )
})

it('never contradicts the corpus', () => {
  for (const { topic, bytes } of poison) if (bytes !== null) agreesOn(topic, bytes, poisonNowMs)
})
