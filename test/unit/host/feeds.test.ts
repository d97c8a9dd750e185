import { expect, it, onTestFinished } from 'vitest'
import { type Connections, createConnections } from '../../../core/host/connections.ts'
import { createFeedPublisher, type FeedSources } from '../../../core/host/feeds.ts'
import type { FeedName } from '../../../core/protocol/commands.ts'
import type { Series } from '../../../core/protocol/views.ts'

const seriesOf = (transactions: number): Series => ({
  stepMs: 60_000,
  startMs: [0],
  transactions: [transactions],
  cents: [0],
  final: [false],
})

/** Connections whose feeds are published from these sources. */
function publish(sources: FeedSources): Connections {
  const connections = createConnections({ run: async () => ({}), onWatchChange: () => feeds.update() })
  const feeds = createFeedPublisher(sources, connections)
  onTestFinished(() => feeds.close())
  return connections
}

function watch(connections: Connections, feed: FeedName): { readonly seen: unknown[]; readonly end: () => void } {
  const seen: unknown[] = []
  const served = connections.connect({
    send: (message) => void (message.kind === 'feed' && seen.push(message.value)),
    pendingBytes: () => 0,
  })
  served.receive({ kind: 'subscribe', feed })
  return { seen, end: () => served.end() }
}

it('sends a value at once, and again only when there is another', async () => {
  let version = 1
  const sources = { recent: { everyMs: 10, read: async () => seriesOf(version), version: () => version } }
  const connections = publish(sources)
  const { seen } = watch(connections, 'recent')
  await expect.poll(() => seen).toEqual([seriesOf(1)])
  await new Promise((resolve) => {
    setTimeout(resolve, 60)
  })
  expect(seen).toHaveLength(1)
  version = 2
  await expect.poll(() => seen).toEqual([seriesOf(1), seriesOf(2)])
})

it('gives who comes later the newest value', async () => {
  const connections = publish({ backfill: { everyMs: 10_000, read: async () => null, version: () => 0 } })
  const first = watch(connections, 'backfill')
  await expect.poll(() => first.seen).toEqual([null])
  expect(watch(connections, 'backfill').seen).toEqual([null])
  expect(first.seen).toEqual([null])
})

it('reads nothing while nobody watches, and anew when somebody does again', async () => {
  let reads = 0
  const read = async (): Promise<Series> => {
    reads += 1
    return seriesOf(reads)
  }
  const connections = publish({ recent: { everyMs: 10_000, read, version: () => 'same' } })
  expect(reads).toBe(0)
  const first = watch(connections, 'recent')
  await expect.poll(() => first.seen).toHaveLength(1)
  first.end()
  const second = watch(connections, 'recent')
  await expect.poll(() => second.seen).toEqual([seriesOf(2)])
})

it('goes on after a value that could not be read', async () => {
  let isBroken = true
  const read = async (): Promise<null> => {
    if (isBroken) throw new Error('broken')
    return null
  }
  const { seen } = watch(publish({ backfill: { everyMs: 10, read } }), 'backfill')
  await new Promise((resolve) => {
    setTimeout(resolve, 40)
  })
  expect(seen).toEqual([])
  isBroken = false
  await expect.poll(() => seen.length).toBeGreaterThan(0)
})
