import { createStore, type StoreApi } from 'zustand/vanilla'
import { type Board, outcomes } from '../../core/protocol/board.ts'

/** Per second, over the last few seconds; null until there are two boards. */
export interface Rates {
  readonly received: number
  readonly counted: number
  readonly late: number
  readonly duplicate: number
  readonly invalid: number
  readonly tombstone: number
  readonly epochs: number
  /** Boards that reached this page. */
  readonly boards: number
}

export interface RateStore extends StoreApi<{ readonly rates: Rates | null }> {
  accept(board: Board): void
  reset(): void
}

const spanMs = 5_000
const writeEveryMs = 1_000

interface Point {
  readonly atMs: number
  readonly board: Board
}

/** Rates between two boards, and how many came after the first of them. */
export function measureRates(first: Point, last: Point, boards: number): Rates | null {
  const seconds = (last.atMs - first.atMs) / 1_000
  if (seconds <= 0) return null
  const [counted, late, duplicate, invalid, tombstone] = outcomes.map(
    (outcome) => (last.board.records[outcome] - first.board.records[outcome]) / seconds,
  )
  return {
    received: (last.board.records.received - first.board.records.received) / seconds,
    counted: counted ?? 0,
    late: late ?? 0,
    duplicate: duplicate ?? 0,
    invalid: invalid ?? 0,
    tombstone: tombstone ?? 0,
    epochs: (last.board.epoch - first.board.epoch) / seconds,
    boards: boards / seconds,
  }
}

export function createRateStore(): RateStore {
  const store = createStore<{ readonly rates: Rates | null }>(() => ({ rates: null }))
  let points: readonly Point[] = []
  let writtenAtMs = 0
  return {
    ...store,
    reset() {
      points = []
      writtenAtMs = 0
      store.setState({ rates: null })
    },
    accept(board) {
      const last = { atMs: Date.parse(board.at), board }
      points = [...points.filter(({ atMs }) => atMs >= last.atMs - spanMs), last]
      const [first] = points
      if (!first || last.atMs - writtenAtMs < writeEveryMs) return
      writtenAtMs = last.atMs
      store.setState({ rates: measureRates(first, last, points.length - 1) })
    },
  }
}
