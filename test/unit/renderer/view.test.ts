import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { noncePlaceholder } from '../../../core/protocol/bridge.ts'
import { pageNames, pageRoute, readRoute, recordRoute, storeRoute } from '../../../renderer/stores/route.ts'
import { appendBoard, emptyTrends, joinTrends, trendSince } from '../../../renderer/stores/trend-store.ts'
import { createViewStore, firstView, readView } from '../../../renderer/stores/view-store.ts'
import { makeBoard } from '../../support/page/boards.ts'

function createStorage(): {
  readonly getItem: (key: string) => string | null
  readonly setItem: (key: string, value: string) => void
} {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

it('restores how the screen was set up', () => {
  const storage = createStorage()
  const stores = { mode: 'heat', sort: 'name', descending: false, filter: 'graz' } as const
  createViewStore(storage).setState({
    range: '6h',
    theme: 'light',
    compare: true,
    keys: false,
    stores,
    route: '/stores/7',
  })
  expect(createViewStore(storage).getState()).toEqual({
    ...firstView,
    range: '6h',
    theme: 'light',
    compare: true,
    keys: false,
    stores,
    route: '/stores/7',
  })
})

it.each([null, '', '7', '[]', '{"range":"2y","theme":7,"keys":"yes","route":"elsewhere","stores":{"sort":"luck"}}'])(
  'starts afresh from %s',
  (text) => {
    expect(readView(text)).toEqual(firstView)
  },
)

it('finds every page by its route', () => {
  for (const page of pageNames)
    expect(readRoute(pageRoute(page))).toEqual({ page, storeId: null, record: null, profile: null })
})

it('finds the store and the record of a route', () => {
  expect(readRoute(storeRoute(7))).toEqual({ page: 'stores', storeId: 7, record: null, profile: null })
  const ref = 'retail-transactions/3/48172'
  expect(readRoute(recordRoute(ref))).toEqual({ page: 'quality', storeId: null, record: ref, profile: null })
})

it.each(['', '/', '/nowhere', '/stores/0', '/stores/x', '/stores/7/more', '/quality/quarantine/x'])(
  'leads from %j to a page that is there',
  (text) => {
    expect(readRoute(text).storeId).toBeNull()
    expect(readRoute(text).record).toBeNull()
  },
)

it('goes on with what the page saw where the host’s memory ends', () => {
  const own = appendBoard(emptyTrends, 300, makeBoard(300, { activeCustomers: 3 }))
  const remembered = {
    ...emptyTrends,
    atMs: [100, 200, 300],
    customers: [1, 2, 9],
    p50Ms: [5, null, 5],
    dataQuality: [9, 9, 9],
  }
  const joined = joinTrends(remembered, own)
  expect(joined.atMs).toEqual([100, 200, 300])
  expect(trendSince(joined, 0, 'customers')).toEqual([1, 2, 3])
  expect(trendSince(joined, 0, 'p50Ms')).toEqual([5])
  expect(trendSince(joined, 150, 'customers')).toEqual([2, 3])
})

it('keeps an hour of what it saw, and no more', () => {
  let own = emptyTrends
  for (let second = 0; second < 1_000; second += 1) own = appendBoard(own, second, makeBoard(second))
  expect(own.atMs).toHaveLength(720)
  expect(own.customers).toHaveLength(720)
  expect(own.atMs.at(-1)).toBe(999)
})

it('has the place where a server writes the nonce', () => {
  const html = readFileSync(join(import.meta.dirname, '../../../renderer/index.html'), 'utf8')
  expect(html).toContain(`<meta name="csp-nonce" content="${noncePlaceholder}"`)
  expect(html).not.toMatch(/<script(?![^>]*src=)/)
})
