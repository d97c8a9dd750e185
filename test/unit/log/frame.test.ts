import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keyOf, valueOf } from '../../../core/events/record.ts'
import { isBodyIntact, readHeader } from '../../../core/log/segment/frame.ts'
import { addRecord, createFrameBuilder, finishFrame, resetBuilder } from '../../../core/log/segment/frame-builder.ts'
import { createFrameCursor, resetCursor, skipTo, takeRecord } from '../../../core/log/segment/frame-cursor.ts'
import { fromZigzag, mostVarintBytes, readVarint, toZigzag, writeVarint } from '../../../core/log/segment/varint.ts'

const facts = { appendSequence: 1_000, appendRecords: 500, originIndex: 1, syncedSequence: 900 }

it('writes and reads back every safe integer as a varint', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (values) => {
      const source = Buffer.alloc(values.length * mostVarintBytes)
      let end = 0
      for (const value of values) end = writeVarint(source, end, value)
      const cursor = { source, at: 0 }
      expect(values.map(() => readVarint(cursor))).toEqual(values)
      expect(cursor.at).toBe(end)
    }),
  )
})

it.each([
  [0, 1],
  [127, 1],
  [128, 2],
  [16_383, 2],
  [16_384, 3],
  [2 ** 31 - 1, 5],
  [2 ** 31, 5],
  [2 ** 53 - 1, 8],
])('writes %i in %i bytes', (value, bytes) => {
  expect(writeVarint(Buffer.alloc(8), 0, value)).toBe(bytes)
})

it('maps steps either way to numbers from 0 on, and back', () => {
  expect([0, -1, 1, -2, 2].map(toZigzag)).toEqual([0, 1, 2, 3, 4])
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (step) => {
      expect(fromZigzag(toZigzag(step))).toBe(step)
    }),
  )
})

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }))
const records = fc.array(
  fc.record({
    step: fc.integer({ min: 1, max: 2 ** 33 }),
    appendedAtMs: fc.integer({ min: 0, max: 2 ** 51 - 1 }),
    key: bytes,
    value: bytes,
  }),
  { minLength: 1, maxLength: 30 },
)

it('reads back the records of any frame', () => {
  const builder = createFrameBuilder()
  fc.assert(
    fc.property(records, fc.nat(1_000), (wanted, skipped) => {
      let sequence = 999
      const expected = wanted.map(({ step, appendedAtMs, key, value }, index) => {
        sequence = index === 0 ? 1_000 : sequence + step
        addRecord(builder, sequence, appendedAtMs, key, value)
        return { offset: 40 + index, sequence, appendedAtMs, origin: 'backfill', key, value }
      })
      finishFrame(builder, 3, 40, facts)
      const frame = Buffer.from(builder.frame.subarray(0, builder.length))
      resetBuilder(builder)
      const header = readHeader(frame, 0)
      expect(header && isBodyIntact(frame, 0, header)).toBe(true)
      expect(header).toMatchObject({ ...facts, baseOffset: 40, slot: 3, records: wanted.length })
      expect(header?.newestAppendedAtMs).toBe(Math.max(...wanted.map(({ appendedAtMs }) => appendedAtMs)))
      const cursor = createFrameCursor('retail-transactions', 2)
      resetCursor(cursor, frame, frame.length)
      const from = 40 + (skipped % (wanted.length + 2))
      skipTo(cursor, from)
      const read = []
      for (let record = takeRecord(cursor); record !== null; record = takeRecord(cursor)) {
        const [key, value] = [keyOf(record), valueOf(record)]
        const { offset, sequence: at, appendedAtMs, origin } = record
        read.push({
          offset,
          sequence: at,
          appendedAtMs,
          origin,
          key: key && new Uint8Array(key),
          value: value && new Uint8Array(value),
        })
      }
      expect(read).toEqual(expected.filter(({ offset }) => offset >= from))
    }),
  )
})

it('refuses a header or a body of which any bit has changed', () => {
  const builder = createFrameBuilder()
  for (let index = 0; index < 4; index += 1) addRecord(builder, 1_000 + index, index, null, Buffer.from('value'))
  finishFrame(builder, 0, 0, facts)
  const frame = Buffer.from(builder.frame.subarray(0, builder.length))
  for (let bit = 0; bit < frame.length * 8; bit += 1) {
    const flipped = Buffer.from(frame)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const header = readHeader(flipped, 0)
    expect(header !== null && isBodyIntact(flipped, 0, header)).toBe(false)
  }
})
