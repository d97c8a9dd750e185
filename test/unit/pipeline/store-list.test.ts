import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { listStores } from '../../../core/generator/world.ts'
import { createStoreList } from '../../../core/pipeline/views/store-list.ts'

const hourMs = 3_600_000
const midnightMs = Date.UTC(2026, 0, 6)
const [profile] = listStores(1, 1)

/** The list of three stores that sold nothing: one keeps hours, one never closes, and one is known by its sales alone. */
async function listAt(atMs: number): Promise<readonly boolean[]> {
  if (!profile) throw new Error('the world has no store')
  const known = {
    1: { ...profile, zone: 'UTC', opensAtMinute: 480, closesAtMinute: 1_200 },
    2: { ...profile, zone: 'UTC', opensAtMinute: 0, closesAtMinute: 0 },
  }
  const stores = createStoreList({
    ask: async () => [],
    trade: 'storepulse.windows',
    clock: { ...systemClock, nowMs: () => atMs },
    directory: {
      find: (id) => (id === 1 || id === 2 ? known[id] : null),
      nameOf: (id) => `Store ${id}`,
      list: async () => [1, 2, 3],
      note: () => undefined,
    },
    silentSince: () => null,
  })
  const span = { fromMs: atMs - hourMs, untilMs: atMs, compareMs: 0 }
  const { rows } = await stores.list({ ...span, sort: 'id', descending: false, filter: '', offset: 0, limit: 9 })
  return rows.map(({ isClosed }) => isClosed)
}

it('says of a store that sold nothing whether it is closed, where its hours are known', async () => {
  expect(await listAt(midnightMs + 22 * hourMs)).toEqual([true, false, false])
  expect(await listAt(midnightMs + 12 * hourMs)).toEqual([false, false, false])
})
