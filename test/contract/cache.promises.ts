import { describe, expect, it, vi } from 'vitest'
import type { Cache, CachedBoard } from '../../core/cache/cache.ts'

export interface CacheRequest {
  /** 30 s unless given. */
  readonly ttlMs?: number
}

/** Opens the given number of caches that share their boards; they are closed when the running test ends. */
export type OpenCaches = (count: number, request?: CacheRequest) => Promise<readonly Cache[]>

/** On a machine that does much else. */
const patience = { timeout: 20_000, interval: 20 }

const makeBoard = (number: number): readonly [string, string] => [
  JSON.stringify({ number, text: 'ü "quoted" \u2028 😀' }),
  JSON.stringify({ points: Array.from({ length: 60 }, (_, index) => [index, number]) }),
]

const numberOf = ({ board }: CachedBoard): unknown => JSON.parse(board).number

async function openTwo(open: OpenCaches, request?: CacheRequest): Promise<readonly [Cache, Cache]> {
  const [publisher, watcher] = await open(2, request)
  if (publisher === undefined || watcher === undefined) throw new Error('two caches are needed')
  return [publisher, watcher]
}

/** What every cache promises, whatever it is made of. */
export function promiseCache(name: string, open: OpenCaches): void {
  describe(`${name}: boards`, () => {
    it('has none at first', async () => {
      const [cache] = await open(1)
      expect(await cache?.settled()).toEqual({ status: 'on' })
      expect(await cache?.readBoard()).toBeNull()
    })

    it('gives everyone the board and the series byte for byte', async () => {
      const [publisher, watcher] = await openTwo(open)
      const [board, series] = makeBoard(1)
      publisher.publishBoard(board, series)
      await vi.waitFor(async () => expect((await watcher.readBoard())?.board).toBe(board), patience)
      expect((await watcher.readBoard())?.series).toBe(series)
      expect((await publisher.readBoard())?.board).toBe(board)
    })

    it('pushes each board to every watcher, once and in order', async () => {
      const [publisher, first, second] = await open(3)
      const seen: unknown[][] = [[], []]
      first?.subscribe((cached) => seen[0]?.push(numberOf(cached)))
      second?.subscribe((cached) => seen[1]?.push(numberOf(cached)))
      for (const number of [1, 2, 3]) {
        publisher?.publishBoard(...makeBoard(number))
        await vi.waitFor(() => expect([seen[0]?.at(-1), seen[1]?.at(-1)]).toEqual([number, number]), patience)
      }
      expect(seen).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ])
    })

    it('gives a new watcher the board there is', async () => {
      const [publisher, watcher] = await openTwo(open)
      publisher.publishBoard(...makeBoard(7))
      await vi.waitFor(async () => expect(await watcher.readBoard()).not.toBeNull(), patience)
      const seen: unknown[] = []
      watcher.subscribe((cached) => seen.push(numberOf(cached)))
      await vi.waitFor(() => expect(seen).toEqual([7]), patience)
    })

    it('tells who has left nothing more', async () => {
      const [publisher, watcher] = await openTwo(open)
      const [left, stayed]: [unknown[], unknown[]] = [[], []]
      const leave = watcher.subscribe((cached) => left.push(numberOf(cached)))
      watcher.subscribe((cached) => stayed.push(numberOf(cached)))
      publisher.publishBoard(...makeBoard(1))
      await vi.waitFor(() => expect([left, stayed]).toEqual([[1], [1]]), patience)
      leave()
      publisher.publishBoard(...makeBoard(2))
      await vi.waitFor(() => expect(stayed).toEqual([1, 2]), patience)
      expect(left).toEqual([1])
    })

    it('lets at most one a second out, of several the newest', async () => {
      const [publisher, watcher] = await openTwo(open)
      const seen: unknown[] = []
      watcher.subscribe((cached) => seen.push(numberOf(cached)))
      publisher.publishBoard(...makeBoard(0))
      await vi.waitFor(() => expect(seen).toEqual([0]), patience)
      for (let number = 1; number <= 50; number += 1) publisher.publishBoard(...makeBoard(number))
      await vi.waitFor(() => expect(seen.at(-1)).toBe(50), patience)
      expect(seen).toEqual([0, 50])
    })

    it('forgets a board that nobody renews', async () => {
      const [publisher, watcher] = await openTwo(open, { ttlMs: 1_000 })
      publisher.publishBoard(...makeBoard(1))
      await vi.waitFor(async () => expect(await watcher.readBoard()).not.toBeNull(), patience)
      await publisher.close()
      await vi.waitFor(async () => expect(await watcher.readBoard()).toBeNull(), patience)
      expect(watcher.state).toEqual({ status: 'on' })
    })
  })

  describe(`${name}: life`, () => {
    it('does nothing once it is closed, as often as it is', async () => {
      const [publisher, watcher] = await openTwo(open)
      await publisher.settled()
      await publisher.close()
      await publisher.close()
      publisher.publishBoard(...makeBoard(1))
      publisher.subscribe(() => undefined)()
      expect(await publisher.readBoard()).toBeNull()
      expect(publisher.state.status).toBe('off')
      expect(await watcher.readBoard()).toBeNull()
    })
  })
}
