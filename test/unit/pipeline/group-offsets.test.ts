import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { showGroupOffsets } from '../../../core/pipeline/group-offsets.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { PartitionOffset } from '../../../core/warehouse/warehouse.ts'
import { makeCommit, token } from '../../support/warehouse-commits.ts'

async function openShown(commitOffsets: (positions: readonly PartitionOffset[]) => Promise<void>) {
  let elapsedMs = 0
  const clock = { ...systemClock, monotonicMs: () => elapsedMs }
  const inner = createMemoryWarehouse({ sketch: windowSketch })
  await inner.migrate()
  await inner.claim({ token, processId: 1, command: 'test', atMs: 0 })
  const warehouse = showGroupOffsets(inner, { commitOffsets, clock, logger: silentLogger })
  return {
    inner,
    warehouse,
    wait: (ms: number) => {
      elapsedMs += ms
    },
  }
}

const at = (offset: number): PartitionOffset => ({ topic: 'retail-transactions', partition: 0, offset })

it('shows positions every few seconds, the newest of each partition, and the last at the end', async () => {
  const shown: (readonly PartitionOffset[])[] = []
  const { wait, warehouse } = await openShown(async (positions) => void shown.push(positions))
  await warehouse.commit(makeCommit(1, { offsets: [at(1)] }))
  wait(1_000)
  await warehouse.commit(makeCommit(2, { offsets: [at(2)] }))
  await warehouse.commit(makeCommit(3, { offsets: [at(3)] }))
  expect(shown).toEqual([[at(1)]])
  wait(5_000)
  await warehouse.commit(makeCommit(4, { offsets: [at(4)] }))
  await warehouse.commit(makeCommit(5, { offsets: [at(5)] }))
  await warehouse.close()
  expect(shown).toEqual([[at(1)], [at(4)], [at(5)]])
})

it('commits all the same when the group refuses, and asks again much later', async () => {
  let asked = 0
  const { inner, wait, warehouse } = await openShown(async () => {
    asked += 1
    throw new Fault('refused', 'this user may not commit to the group')
  })
  await warehouse.commit(makeCommit(1, { offsets: [at(1)] }))
  wait(10_000)
  await warehouse.commit(makeCommit(2, { offsets: [at(2)] }))
  expect(asked).toBe(1)
  expect((await inner.loadProgress())?.epoch).toBe(2)
  wait(60_000)
  await warehouse.commit(makeCommit(3, { offsets: [at(3)] }))
  expect(asked).toBe(2)
})
