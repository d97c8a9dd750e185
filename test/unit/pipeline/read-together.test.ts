import { expect, it } from 'vitest'
import type { BatchPlan } from '../../../core/parity/batch.ts'
import { readTogether } from '../../../core/pipeline/parity/read-together.ts'
import { faultOf } from '../../support/fault-of.ts'

const planOf = (last: number, isLastOpen = false): BatchPlan => ({
  topic: 'sales',
  batches: [{ number: last, ranges: [], watermarkMs: 0 }],
  isCut: false,
  hasStart: true,
  isLastOpen,
  allowsMultiple: null,
})

/** What looks at a running query find, one after the other; the last again and again. */
function makeLooks(plans: readonly BatchPlan[]) {
  let [looks, tables] = [0, 0]
  const readPlan = async (): Promise<BatchPlan> => {
    looks += 1
    return plans[Math.min(looks, plans.length) - 1] ?? planOf(looks)
  }
  const readTable = async (): Promise<number> => {
    tables += 1
    return tables
  }
  return { readPlan, readTable }
}

it('takes the table of a query that stands still as it is', async () => {
  const { readPlan, readTable } = makeLooks([planOf(3)])
  expect(await readTogether(readPlan, readTable)).toEqual({ plan: planOf(3), table: 1 })
})

it('reads both once more where a batch was planned or committed meanwhile', async () => {
  const { readPlan, readTable } = makeLooks([planOf(3), planOf(4, true), planOf(4), planOf(4)])
  expect(await readTogether(readPlan, readTable)).toEqual({ plan: planOf(4), table: 3 })
})

it('gives up on a query that never stands still', async () => {
  const { readPlan, readTable } = makeLooks([])
  expect(await faultOf(readTogether(readPlan, readTable))).toMatchObject({ code: 'refused', domain: 'user' })
})
