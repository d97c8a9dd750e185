import { afterAll, expect, it } from 'vitest'
import { createParquetCodec } from '../../../core/archive/parquet.ts'
import type { LogRecord } from '../../../core/events/record.ts'
import { describeRecord } from '../../support/log-records.ts'
import { faultOf } from '../../support/fault-of.ts'
import { makeRecord } from '../../support/records.ts'

const codec = createParquetCodec()
afterAll(() => codec.close())

const topic = 'retail-transactions'

const readBack = async (records: readonly LogRecord[]): Promise<readonly string[]> =>
  (await codec.decode('file', topic, await codec.encode(records))).map(describeRecord)

it('gives back every kind of record', async () => {
  const records = [
    makeRecord('plain', { offset: 3, sequence: 9, appendedAtMs: 1_736_154_000_123 }),
    makeRecord(null, { offset: 4, sequence: 11, appendedAtMs: 0 }),
    makeRecord('', { offset: 5, sequence: 2 ** 52, appendedAtMs: -1, origin: 'backfill' }),
    { ...makeRecord('keyed', { offset: 2 ** 40 }), keyStart: 0, keyEnd: 3 },
    { ...makeRecord('empty key'), keyStart: 0, keyEnd: 0 },
    { ...makeRecord('producer'), isProducerTime: true, origin: 'import' as const },
  ]
  expect(await readBack(records)).toEqual(records.map(describeRecord))
  const back = await codec.decode('file', topic, await codec.encode(records))
  expect(back.map(({ isProducerTime }) => isProducerTime)).toEqual(records.map(({ isProducerTime }) => isProducerTime))
})

it('gives back every byte there is, and records of twenty megabytes', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  const large = Buffer.alloc(20_000_000, 'q')
  const records = [bytes, large].map((source, offset) => ({
    ...makeRecord('', { offset }),
    source,
    valueStart: 0,
    valueEnd: source.length,
  }))
  const back = await codec.decode('file', topic, await codec.encode(records))
  expect(back.map(({ source }) => Buffer.compare(source, source.length === 256 ? bytes : large))).toEqual([0, 0])
})

it('gives the same records the same bytes, and keeps the order of more than one chunk', async () => {
  const records = Array.from({ length: 5_000 }, (_, offset) => makeRecord(`record ${offset}`, { offset }))
  expect(await readBack(records)).toEqual(records.map(describeRecord))
  const [one, two] = [await codec.encode(records), await codec.encode(records)]
  expect(Buffer.compare(one, two)).toBe(0)
})

it('says which file it cannot read', async () => {
  const fault = await faultOf(codec.decode('folder/0-0-1.parquet', topic, Buffer.from('PAR1 and no more')))
  expect([fault.code, fault.message]).toEqual(['input', expect.stringContaining('folder/0-0-1.parquet')])
})
