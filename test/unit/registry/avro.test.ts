import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDecoder } from '../../../core/events/decode.ts'
import { convertLong } from '../../../core/registry/avro-values.ts'
import { compileAvro } from '../../../core/registry/avro.ts'
import { createAvroWriter, describeSale, encodeUnscaled, saleSchema } from '../../support/avro-frames.ts'
import { createLogRecord } from '../../support/log-record.ts'

async function readBack(schema: object, value: unknown, references: readonly object[] = []): Promise<unknown> {
  const compiled = await compileAvro(
    JSON.stringify(schema),
    references.map((one) => JSON.stringify(one)),
  )
  if (compiled.kind !== 'avro') throw new Error(compiled.kind)
  const json = compiled.toJson(createAvroWriter(schema)(value))
  return json && JSON.parse(json.toString('utf8'))
}

const field = (type: unknown): object => ({ type: 'record', name: 'One', fields: [{ name: 'v', type }] })
const readOne = async (type: unknown, v: unknown): Promise<unknown> => {
  const read = await readBack(field(type), { v })
  return typeof read === 'object' && read !== null && 'v' in read ? read.v : undefined
}

it.each<readonly [string, unknown, unknown, unknown]>([
  ['an instant in millis', { type: 'long', logicalType: 'timestamp-millis' }, 1_767_600_000_123, 1_767_600_000_123],
  [
    'an instant in micros, down to its millisecond',
    { type: 'long', logicalType: 'timestamp-micros' },
    1_767_600_000_123_999,
    1_767_600_000_123,
  ],
  ['an instant before 1970', { type: 'long', logicalType: 'timestamp-micros' }, -1, -1],
  [
    'a local time without a zone',
    { type: 'long', logicalType: 'local-timestamp-millis' },
    1_767_600_000_123,
    '2026-01-05T08:00:00.123',
  ],
  ['a day', { type: 'int', logicalType: 'date' }, 20_458, '2026-01-05'],
  ['a decimal', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, encodeUnscaled(-1n), '-0.01'],
  ['a decimal without a scale', { type: 'bytes', logicalType: 'decimal', precision: 9 }, encodeUnscaled(255n), '255'],
  [
    'a decimal of fixed size',
    { type: 'fixed', name: 'D', size: 4, logicalType: 'decimal', precision: 9, scale: 3 },
    Buffer.from('ffff8000', 'hex'),
    '-32.768',
  ],
  ['an enum', { type: 'enum', name: 'E', symbols: ['card', 'cash'] }, 'cash', 'cash'],
  ['a null', ['null', 'string'], null, null],
  ['what is not null', ['null', 'string'], 'x', 'x'],
  ['a union of two numbers', ['int', 'double'], { double: 1.5 }, 1.5],
  ['a float as it was written', 'float', Math.fround(12.34), 12.34],
  ['a float of nine digits', 'float', Math.fround(16_777_217.5), 16_777_218],
  ['a double that is no number', 'double', Number.NaN, 'NaN'],
  ['bytes', 'bytes', Buffer.from([0x41, 0xe9]), 'Aé'],
  [
    'a UUID',
    { type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' },
    Buffer.alloc(16, 0xab),
    'abababab-abab-abab-abab-abababababab',
  ],
  ['a list', { type: 'array', items: 'long' }, [1, -2], [1, -2]],
  ['a map', { type: 'map', values: 'float' }, { __proto__x: 0.1 }, { __proto__x: 0.1 }],
])('reads %s', async (_, type, written, read) => {
  expect(await readOne(type, written)).toEqual(read)
})

it('leaves a local time that no date has a number', () => {
  expect(convertLong('local-timestamp-millis')(2n ** 62n)).toBe('4611686018427387904')
})

it('keeps all digits of a long', async () => {
  const compiled = await compileAvro('"long"', [])
  // Zigzag of 2^63 - 1.
  const greatest = Buffer.from('feffffffffffffffff01', 'hex')
  expect(compiled.kind === 'avro' && compiled.toJson(greatest)?.toString()).toBe('"9223372036854775807"')
})

it('finds types in the schemas it refers to', async () => {
  const money = { type: 'fixed', name: 'shop.Money', size: 4, logicalType: 'decimal', precision: 9, scale: 2 }
  const compiled = await compileAvro(JSON.stringify(field('shop.Money')), [JSON.stringify(money)])
  expect(compiled.kind === 'avro' && compiled.toJson(Buffer.from('000004d2', 'hex'))?.toString()).toBe('{"v":"12.34"}')
})

it('gives nothing for bytes of another schema, and nothing of a schema that is none', async () => {
  const compiled = await compileAvro(JSON.stringify(saleSchema), [])
  const whole = createAvroWriter(saleSchema)(
    describeSale({ id: 'T-1', storeId: 1, customer: 1, eventTimeMs: 0, cents: 1 }),
  )
  if (compiled.kind !== 'avro') throw new Error(compiled.kind)
  expect(compiled.toJson(whole)).not.toBeNull()
  expect(compiled.toJson(whole.subarray(0, -1))).toBeNull()
  expect(compiled.toJson(Buffer.concat([whole, Buffer.alloc(1)]))).toBeNull()
  expect(await compileAvro('{"type":"record"}', [])).toMatchObject({ kind: 'unreadable' })
  expect(await compileAvro('not even JSON', [])).toMatchObject({ kind: 'unreadable' })
})

it('is the same sale in Avro as in JSON', async () => {
  const compiled = await compileAvro(JSON.stringify(saleSchema), [])
  if (compiled.kind !== 'avro') throw new Error(compiled.kind)
  const write = createAvroWriter(saleSchema)
  const decoder = createDecoder({ futureMs: 300_000, zone: 'UTC' })
  const nowMs = Date.UTC(2099, 0, 1)
  fc.assert(
    fc.property(
      fc.record({
        id: fc.string({ minLength: 1 }),
        storeId: fc.integer({ min: -1, max: 2_147_483_647 }),
        // avsc itself writes no greater ones rightly.
        customer: fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }),
        eventTimeMs: fc.integer({ min: Date.UTC(1999), max: Date.UTC(2099) }),
        cents: fc.integer({ min: -100, max: 12_000_000_000 }),
      }),
      (sale) => {
        const json = JSON.stringify({
          transaction_id: sale.id,
          store_id: sale.storeId,
          customer_id: sale.customer,
          event_time: sale.eventTimeMs,
          final_amount: (sale.cents / 100).toFixed(2),
          payment_method: 'card',
        })
        const fromAvro = compiled.toJson(write(describeSale(sale)))
        const topic = 'retail-transactions'
        expect(decoder.decode(createLogRecord(topic, fromAvro), nowMs)).toEqual(
          decoder.decode(createLogRecord(topic, json), nowMs),
        )
      },
    ),
  )
})

const item = { type: 'record', name: 'Item', fields: [{ name: 'q', type: 'int' }] }
const nested = { type: 'record', name: 'Nested', fields: [{ name: 'n', type: ['null', 'Nested'] }] }
const wide = {
  type: 'record',
  name: 'Wide',
  fields: Array.from({ length: 500 }, (_, at) => ({ name: `f${at}`, type: 'null' })),
}
/** Zigzag of 2^40, then one of a few bytes. */
const manyItems = Buffer.from('808080808080010261', 'hex')
const manyInBlocks = Buffer.from('8080800102'.repeat(1_000), 'hex')

it.each<readonly [string, unknown, Buffer]>([
  ['texts', { type: 'array', items: 'string' }, manyItems],
  ['records', { type: 'array', items: item }, manyItems],
  ['nothings', { type: 'array', items: 'null' }, manyItems],
  ['nothings, in many blocks', { type: 'array', items: 'null' }, manyInBlocks],
  [
    'records of nothing',
    { type: 'array', items: wide },
    Buffer.concat([Buffer.from('80897a', 'hex'), Buffer.alloc(1)]),
  ],
  ['entries', { type: 'map', values: 'int' }, manyItems],
  ['bytes', 'bytes', manyItems],
  ['characters', 'string', manyItems],
  ['a number without an end', 'long', Buffer.alloc(1_000_000, 0xff)],
  ['a block of a negative size', { type: 'array', items: 'int' }, Buffer.from('01', 'hex')],
  ['a branch there is none of', ['null', 'int'], Buffer.from('7f', 'hex')],
  ['levels', nested, Buffer.alloc(1_000_000, 2)],
])('refuses at once what says it holds too many: %s', async (_, type, payload) => {
  const compiled = await compileAvro(JSON.stringify(field(type)), [])
  if (compiled.kind !== 'avro') throw new Error(compiled.kind)
  const startedMs = performance.now()
  expect(compiled.toJson(payload)).toBeNull()
  expect(performance.now() - startedMs).toBeLessThan(5_000)
})

it('reads lists in blocks with a size, empty ones, and types within themselves', async () => {
  const compiled = await compileAvro(JSON.stringify(field({ type: 'array', items: 'int' })), [])
  if (compiled.kind !== 'avro') throw new Error(compiled.kind)
  // Two items in a block of two bytes, one in a block without a size, and the last block.
  expect(compiled.toJson(Buffer.from('03040204020600', 'hex'))?.toString()).toBe('{"v":[1,2,3]}')
  expect(compiled.toJson(Buffer.from('00', 'hex'))?.toString()).toBe('{"v":[]}')
  expect(await readBack(nested, { n: { n: { n: null } } })).toEqual({ n: { n: { n: null } } })
})

it('gives JSON or nothing of any bytes, and never takes long', async () => {
  const schemas = [
    saleSchema,
    field({ type: 'array', items: item }),
    field({ type: 'map', values: ['null', 'string'] }),
    nested,
  ]
  const readers = await Promise.all(schemas.map((schema) => compileAvro(JSON.stringify(schema), [])))
  const whole = createAvroWriter(saleSchema)(
    describeSale({ id: 'T-1', storeId: 1, customer: 1, eventTimeMs: 0, cents: 1 }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(whole.length), fc.nat(3), (bytes, at, cut) => {
      const spliced = Buffer.concat([whole.subarray(0, at), bytes.subarray(0, cut), whole.subarray(at + cut)])
      for (const reader of readers) {
        if (reader.kind !== 'avro') throw new Error(reader.kind)
        for (const payload of [Buffer.from(bytes), spliced]) {
          const json = reader.toJson(payload)
          if (json !== null) JSON.parse(json.toString())
        }
      }
    }),
    { numRuns: 5_000 },
  )
})
