import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseCustomerHash } from '../../../core/parity/customer-hash.ts'
import { writeCents } from '../../../core/parity/decimal.ts'
import { createReplay } from '../../../core/parity/replay.ts'
import { summarize } from '../../../core/warehouse/summary.ts'
import { decodeSale, expectRows } from '../../support/spark-batches.ts'

const minute = 60_000
const at = Date.UTC(2025, 0, 6, 10)

const sale = fc.record({
  minutes: fc.integer({ min: 0, max: 45 }),
  storeId: fc.integer({ min: 1, max: 2 }),
  customer: fc.integer({ min: 0, max: 4 }),
  cents: fc.integer({ min: 0, max: 500 }),
})
const batch = fc.array(sale, { maxLength: 6 })

it('counts any batches as the test’s own recomputation of a Spark query does', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 12 }), fc.constantFrom('append', 'update'), (given, mode) => {
      const replay = createReplay({
        latenessMs: 10 * minute,
        windowSizeMs: minute,
        allowsMultiple: true,
        hashCustomer: chooseCustomerHash('string'),
      })
      const values: Buffer[] = []
      let newestMs = 0
      const batches = given.map((sales, number) => {
        const watermarkMs = Math.max(0, newestMs - 10 * minute)
        replay.beginBatch(number, watermarkMs)
        for (const { cents, customer, minutes, storeId } of sales) {
          const event_time = at + minutes * minute
          newestMs = Math.max(newestMs, event_time)
          const value = {
            transaction_id: '1',
            store_id: storeId,
            customer_id: `C${customer}`,
            event_time,
            amount: cents / 100,
          }
          values.push(Buffer.from(JSON.stringify(value)))
          const decoded = decodeSale(values.at(-1) ?? null)
          if (decoded.type === 'sale') replay.addSale(decoded)
        }
        replay.endBatch()
        return { until: [values.length], watermarkMs }
      })
      const { mismatches, windows } = replay.read()
      const rows = windows
        .filter(({ isFinal, transactions }) => transactions > 0 && (mode === 'update' || isFinal))
        .map(({ cents, customers, startMs, storeId, transactions }) => {
          const { averageCents, revenueCents } = summarize(cents, transactions)
          const start = new Date(startMs).toISOString().slice(0, 19).replace('T', ' ')
          return [
            start,
            storeId,
            transactions,
            writeCents(revenueCents ?? 0n),
            customers,
            writeCents(averageCents ?? 0n),
          ].join('|')
        })
      const expected = expectRows([values], batches, mode)
      expect(mismatches).toEqual([])
      expect(rows.toSorted()).toEqual(expected.rows)
      expect(windows.reduce((sum, { lateSales }) => sum + lateSales, 0)).toBe(expected.late)
    }),
    { numRuns: 300 },
  )
})
