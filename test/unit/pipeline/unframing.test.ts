import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { createDecoder } from '../../../core/events/decode.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { doPatiently } from '../../../core/pipeline/patience.ts'
import { createReadingStage, type ReadingStage } from '../../../core/pipeline/reading.ts'
import { createUnframing } from '../../../core/pipeline/unframing.ts'
import type { Schema, SchemaRegistry } from '../../../core/registry/registry.ts'
import { frame } from '../../support/avro-frames.ts'
import { createManualClock } from '../../support/clock.ts'
import { faultOf } from '../../support/fault-of.ts'
import { createLogRecord } from '../../support/log-record.ts'

const sale = Buffer.from(
  '{"transaction_id":"T-1","store_id":1,"customer_id":"C","event_time":1767600000000,"final_amount":"1.20"}',
)
const read: Schema = { kind: 'avro', toJson: (payload) => (payload.length === 1 ? sale : null) }
const schemas = new Map<number, Schema>([
  [1, { kind: 'json' }],
  [2, read],
])

const registry: SchemaRegistry = {
  peek: () => null,
  async findSchema(id) {
    if (id === 500) throw new Fault('unreachable', 'nobody answers', { retry: true })
    return schemas.get(id) ?? { kind: 'unreadable', why: 'there is none' }
  },
  check: async () => undefined,
}
const decoder = createDecoder({ futureMs: 300_000, zone: 'UTC' })
const log = createMemoryLog({ partitions: 1 })
const reading = (by: SchemaRegistry | null): ReadingStage => createReadingStage(decoder, log, by && createUnframing(by))
const decode = async (value: Buffer, by: SchemaRegistry | null = registry) => {
  const record = createLogRecord('retail-transactions', value, { appendedAtMs: 1_767_600_000_000 })
  const [one] = await reading(by).decode([record], 0)
  expect(one?.record).toBe(record)
  return one?.decoded
}
const asSale = { type: 'sale', id: 'T-1', cents: 120 }
const unreadable = { type: 'rejection', reason: 'schema_framed', path: '' }

it('reads a framed record by its schema, and keeps the record as it came', async () => {
  expect(await decode(frame(1, sale))).toMatchObject(asSale)
  expect(await decode(frame(2, Buffer.alloc(1)))).toMatchObject(asSale)
  expect(await decode(sale)).toMatchObject(asSale)
})

it('rejects what cannot be read as schema_framed', async () => {
  expect(await decode(frame(404, sale))).toEqual(unreadable)
  expect(await decode(frame(2, Buffer.alloc(2)))).toEqual(unreadable)
})

it('asks nobody about what is too large, or too short for a frame', async () => {
  const nobody = { ...registry, findSchema: () => Promise.reject(new Error('somebody asked')) }
  expect(await decode(frame(1, Buffer.alloc(1_048_576)), nobody)).toMatchObject({ reason: 'too_large' })
  expect(await decode(Buffer.alloc(4), nobody)).toMatchObject({ reason: 'schema_framed' })
  expect(await decode(Buffer.alloc(0), nobody)).toMatchObject({ reason: 'not_json' })
})

it('reads framed JSON without a registry', async () => {
  expect(await decode(frame(404, sale), null)).toMatchObject(asSale)
})

it('decides nothing while the registry cannot be asked', async () => {
  await expect(decode(frame(500, sale))).rejects.toMatchObject({ code: 'unreachable', retry: true })
})

it('waits for what may pass, longer each time, and ends when it is told to', async () => {
  const clock = createManualClock(0)
  const ending = new AbortController()
  const atMs: number[] = []
  const work = doPatiently(
    () => reading(registry).decode([createLogRecord('retail-transactions', frame(500, sale))], 0),
    {
      clock,
      signal: ending.signal,
      onWaiting: () => atMs.push(clock.monotonicMs()),
    },
  )
  const ended = faultOf(work)
  for (let step = 0; step < 200; step += 1) {
    await new Promise(setImmediate)
    clock.advance(100)
  }
  expect(atMs).toEqual([0, 300, 800, 1_800, 3_800, 7_800, 12_800, 17_800])
  ending.abort()
  expect(await ended).toMatchObject({ code: 'closing' })
})

it('does not wait for what will not pass', async () => {
  const work = (): Promise<never> => Promise.reject(new Fault('log-gap', 'it is gone'))
  const patience = { clock: createManualClock(0), signal: new AbortController().signal, onWaiting: () => undefined }
  await expect(doPatiently(work, patience)).rejects.toMatchObject({ code: 'log-gap' })
})
