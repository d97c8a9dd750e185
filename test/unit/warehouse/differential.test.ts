import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'
import {
  exactSketch,
  makeCommit,
  makeRow,
  sketchOf,
  startMs,
  token,
  windowSizeMs,
} from '../../support/warehouse-commits.ts'
import { openTestWarehouse } from './open-test-warehouse.ts'

const firstClosedStore = 3
/** A closed window never opens again: stores 3 and 4 have closed windows only, and only they are amended. */
const isFinal = (storeId: number, revision: number): boolean => storeId >= firstClosedStore || revision >= 4

const minutes = fc.integer({ min: 0, max: 2 })
const keys = fc.record({ storeId: fc.integer({ min: 1, max: 4 }), minute: minutes })
const closedKeys = fc.record({ storeId: fc.integer({ min: firstClosedStore, max: 4 }), minute: minutes })

const rows = fc.uniqueArray(
  fc.record({
    key: keys,
    revision: fc.integer({ min: 1, max: 6 }),
    transactions: fc.integer({ min: 1, max: 9 }),
    cents: fc.bigInt({ min: -2_000_000_000_000n, max: 2_000_000_000_000n }),
  }),
  { maxLength: 6, selector: ({ key }) => `${key.storeId}/${key.minute}` },
)

const amendments = fc.array(
  fc.record({ key: closedKeys, cents: fc.bigInt({ min: -500n, max: 500n }), customer: fc.integer({ min: 0, max: 5 }) }),
  { maxLength: 3 },
)

const commits = fc.array(fc.record({ rows, amendments }), { minLength: 1, maxLength: 6 })

const describeAll = async (warehouse: Warehouse): Promise<unknown> => [
  await warehouse.listWindows(0, Infinity),
  await warehouse.readStats(),
]

it('holds the same windows as the maps of the memory warehouse, whatever is committed', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(commits, fc.boolean(), async (plan, finalRowsOnly) => {
      const memory = createMemoryWarehouse({ sketch: exactSketch })
      await memory.claim({ token, processId: 1, command: 'run', atMs: startMs })
      const { warehouse } = await openTestWarehouse()
      for (const [index, step] of plan.entries()) {
        const commit = makeCommit(index + 1, {
          finalRowsOnly,
          rows: step.rows.map(({ key, ...row }) =>
            makeRow({
              ...row,
              final: isFinal(key.storeId, row.revision),
              storeId: key.storeId,
              startMs: startMs + key.minute * windowSizeMs,
              sketch: sketchOf(1, 2),
            }),
          ),
          amendments: step.amendments.map(({ cents, customer, key }) => ({
            storeId: key.storeId,
            startMs: startMs + key.minute * windowSizeMs,
            endMs: startMs + (key.minute + 1) * windowSizeMs,
            transactions: 1,
            cents,
            customerHashHigh: 0,
            customerHashLow: customer,
          })),
        })
        await memory.commit(commit)
        await warehouse.commit(commit)
      }
      expect(await describeAll(warehouse)).toEqual(await describeAll(memory))
      await warehouse.close()
    }),
    { numRuns: 10 },
  )
})
