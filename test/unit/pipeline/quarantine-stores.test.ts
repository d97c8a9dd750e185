import { expect, it } from 'vitest'
import { salesTopic } from '../../../core/events/topics.ts'
import { sumQuarantine } from '../../../core/pipeline/quarantine-stores.ts'
import { createMemoryTables, createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import { exactSketch, makeCommit, makeQuarantined, token } from '../../support/warehouse-commits.ts'

const keep = (offset: number, text: string) =>
  makeQuarantined(offset, { ref: { topic: salesTopic, partition: 0, offset }, bytes: Buffer.from(text) })

it('adds up what is in quarantine by the store each record names, as far as it can be read', async () => {
  const warehouse = createMemoryWarehouse({ sketch: exactSketch, tables: createMemoryTables() })
  await warehouse.claim({ token, processId: 1, command: 'test', atMs: 0 })
  const many = Array.from({ length: 1_200 }, (_, index) => keep(100 + index, '{"store_id":9,"final_amount":0.01}'))
  const quarantined = [
    keep(1, '{"store_id":3,"final_amount":12.5,"event_time":0}'),
    keep(2, '{"store_id":"3","amount":"-2.25"}'),
    keep(3, '{"store_id":3,"final_amount":"much"}'),
    keep(4, '{"store_id":"north","final_amount":7}'),
    keep(5, '{"store_id":3,"final_'),
    keep(6, '[3]'),
    keep(7, '{"store_id":3,"final_amount":1000}'),
    makeQuarantined(8, { bytes: Buffer.from('{"store_id":3,"final_amount":1}') }),
    ...many,
  ]
  await warehouse.commit(makeCommit(1, { quarantined }))
  await warehouse.commit(makeCommit(2, { readmitted: [keep(7, '').ref] }))
  expect(await sumQuarantine(warehouse)).toEqual([
    { storeId: 3, records: 3, cents: 1_025n, withoutAmount: 1 },
    { storeId: 9, records: 1_200, cents: 1_200n, withoutAmount: 0 },
    { storeId: null, records: 3, cents: 700n, withoutAmount: 2 },
  ])
})
