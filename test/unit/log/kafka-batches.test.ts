import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { describeError, type Fault } from '../../../core/base/fault.ts'
import { origins } from '../../../core/events/record.ts'
import { splitBatches } from '../../../core/log/kafka/batch/batch-header.ts'
import { compressions, decompress, loadCodecs } from '../../../core/log/kafka/batch/codecs.ts'
import { crc32c } from '../../../core/log/kafka/batch/crc32c.ts'
import { openCursor, stepCursor } from '../../../core/log/kafka/batch/record-cursor.ts'
import { fetchedBatch, storeBatch } from '../../support/kafka-batches.ts'

const place = { topic: 'retail-transactions', partition: 3 } as const
const record = (text: string, timeMs = 5) => ({ key: Buffer.from('k'), value: Buffer.from(text), timeMs })

beforeAll(loadCodecs)

it.each([
  ['', 0],
  ['123456789', 0xe3069283],
  ['a', 0xc1d04330],
])('knows the checksum of %o', (text, expected) => {
  expect(crc32c(Buffer.from(text))).toBe(expected)
})

it('knows the checksums of RFC 3720', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index)))).toBe(0x46dd794e)
})

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })

it('reads back what it writes, with every codec', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: bytes, value: bytes, timeMs: fc.integer({ min: -1, max: 2 ** 42 }) }), {
        minLength: 1,
      }),
      fc.constantFrom(...compressions),
      fc.constantFrom(...origins),
      fc.nat(2 ** 40),
      (records, compression, origin, baseOffset) => {
        const cursor = openCursor(fetchedBatch(baseOffset, { records, compression, origin }), place)
        for (const [index, { key, value, timeMs }] of records.entries()) {
          expect(stepCursor(cursor, place)).toBe(true)
          expect(cursor).toMatchObject({ offset: baseOffset + index, timeMs, origin })
          const { source, keyStart, keyEnd, valueStart, valueEnd } = cursor
          expect(keyStart < 0 ? null : new Uint8Array(source.subarray(keyStart, keyEnd))).toEqual(key)
          expect(valueStart < 0 ? null : new Uint8Array(source.subarray(valueStart, valueEnd))).toEqual(value)
        }
        expect(stepCursor(cursor, place)).toBe(false)
      },
    ),
  )
})

it('refuses a batch in which any bit has flipped', () => {
  const whole = storeBatch(7, { records: [record('one'), record('two')] })
  fc.assert(
    fc.property(fc.integer({ min: 21, max: whole.length - 1 }), fc.nat(7), (at, bit) => {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit)
      const batch = { bytes: damaged, baseOffset: 7, lastOffset: 8 }
      expect(() => openCursor(batch, place)).toThrow('retail-transactions/3/7: the checksum of its batch does not fit')
    }),
  )
})

it('names the codec that a batch cannot be unpacked with', () => {
  const batch = storeBatch(7, { records: [record('one')] })
  batch.writeInt16BE(2, 21)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  const open = (): unknown => openCursor({ bytes: batch, baseOffset: 7, lastOffset: 7 }, place)
  expect(open).toThrow(/retail-transactions\/3\/7: its batch cannot be unpacked with snappy/)
  batch.writeInt16BE(7, 21)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  expect(open).toThrow('compressed with codec 7, which does not exist')
})

it('refuses the formats of before Kafka 0.11, with the offset', () => {
  const batch = storeBatch(12, { records: [record('one')] })
  batch[16] = 1
  expect(() => splitBatches(batch, { ...place, offset: 12 }, [])).toThrow('3/12: its batch has format 1')
})

it('leaves a batch that is cut off for the next fetch', () => {
  const both = Buffer.concat([
    storeBatch(0, { records: [record('a'), record('b')] }),
    storeBatch(2, { records: [record('c')] }),
  ])
  const { batches, nextOffset } = splitBatches(both.subarray(0, both.length - 1), { ...place, offset: 0 }, [])
  expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([0])
  expect(nextOffset).toBe(2)
  expect(splitBatches(both.subarray(0, 5), { ...place, offset: 0 }, [])).toEqual({ batches: [], nextOffset: 0 })
})

/** A batch of a transaction, or with `ends` the marker of its end. */
function transactional(offset: number, producerId: number, ends?: 'commit' | 'abort'): Buffer {
  const key = Buffer.from([0, 0, 0, ends === 'commit' ? 1 : 0])
  const records = ends ? [{ key, value: Buffer.alloc(6), timeMs: 5 }] : [record('in a transaction')]
  const batch = storeBatch(offset, { records, producerId, producerEpoch: 0 })
  batch.writeInt16BE(ends ? 0x30 : 0x10, 21)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

it('leaves out markers and what was aborted, and nothing else', () => {
  const stored = Buffer.concat([
    transactional(0, 1),
    transactional(1, 2),
    storeBatch(2, { records: [record('without a transaction')] }),
    transactional(3, 1),
    transactional(4, 1, 'abort'),
    transactional(5, 2, 'commit'),
    transactional(6, 1),
    transactional(7, 1, 'commit'),
  ])
  const { batches, nextOffset } = splitBatches(stored, { ...place, offset: 0 }, [{ producerId: 1, firstOffset: 0 }])
  expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([1, 2, 6])
  expect(nextOffset).toBe(8)
  expect(splitBatches(stored, { ...place, offset: 0 }, []).batches).toHaveLength(5)
})

it('reads snappy with and without the frames of Java producers', () => {
  // One literal of five bytes: its length, then a tag of literal length 5, then the bytes.
  const block = Buffer.from([5, (5 - 1) << 2, ...Buffer.from('hello')])
  const frames = Buffer.concat([
    Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
    ...[block, block].flatMap((each) => [Buffer.from([0, 0, 0, each.length]), each]),
  ])
  expect(decompress('snappy', block).toString()).toBe('hello')
  expect(decompress('snappy', frames).toString()).toBe('hellohello')
  expect(() => decompress('snappy', frames.subarray(0, frames.length - 1))).toThrow('cut off')
})

it('says that reading cannot go on behind a damaged batch', () => {
  const batch = storeBatch(7, { records: [record('one')] })
  batch[61] = 0xff
  let fault: unknown
  try {
    openCursor({ bytes: batch, baseOffset: 7, lastOffset: 7 }, place)
  } catch (error) {
    fault = error
  }
  expect(describeError(fault)).toContain('checksum')
  expect((fault as Fault).code).toBe('log-damaged')
  expect((fault as Fault).detail).toEqual({ topic: 'retail-transactions', partition: 3, offset: 7 })
})
