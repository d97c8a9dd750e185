import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createStoredStats } from '../../../core/pipeline/stored-stats.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'
import { createManualClock } from '../../support/clock.ts'

const stats = { windows: 2, transactions: 3, cents: 450n, stores: 1, latestWindowMs: null }
const shown = { windows: 2, transactions: 3, stores: 1, latestWindow: null }
type Read = Warehouse['readStats']
const warehouse = (readStats: Read): Warehouse => ({ ...createMemoryWarehouse({ sketch: windowSketch }), readStats })
const answers = warehouse(async () => stats)

it('shows what a server last said while it cannot be asked', async () => {
  const read = createStoredStats(createManualClock(0))
  const away = warehouse(() => Promise.reject(new Fault('unreachable', 'away', { retry: true })))
  await expect(read(away)).rejects.toThrow('away')
  expect(await read(answers)).toMatchObject(shown)
  expect(await read(away)).toMatchObject(shown)
  const broken = warehouse(() => Promise.reject(new Fault('internal', 'broken')))
  await expect(read(broken)).rejects.toThrow('broken')
})

it('waits a moment for a server that is slow, and asks it nothing more until it has answered', async () => {
  const clock = createManualClock(0)
  const read = createStoredStats(clock)
  expect(await read(answers)).toMatchObject(shown)
  let asked = 0
  let answer: (found: typeof stats) => void = () => undefined
  const slow = warehouse(() => {
    asked += 1
    return new Promise((resolve) => (answer = resolve))
  })
  const first = read(slow)
  await new Promise(setImmediate)
  clock.advance(1_000)
  expect(await first).toMatchObject(shown)
  expect(await read(slow)).toMatchObject(shown)
  expect(asked).toBe(1)
  answer({ ...stats, windows: 5 })
  await new Promise(setImmediate)
  expect(await read(answers)).toMatchObject(shown)
})

it('waits longer for the last word', async () => {
  const clock = createManualClock(0)
  const read = createStoredStats(clock)
  await read(answers)
  let answer: (found: typeof stats) => void = () => undefined
  const slow = warehouse(() => new Promise((resolve) => (answer = resolve)))
  const last = read(slow, true)
  clock.advance(1_500)
  answer({ ...stats, windows: stats.windows + 7 })
  expect(await last).toMatchObject({ windows: stats.windows + 7 })
})
