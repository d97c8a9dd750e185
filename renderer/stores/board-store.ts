import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Alert, Board } from '../../core/protocol/board.ts'
import type { FrameWriter } from './frame.ts'

/** The newest board, and how fresh it is. Its last values stay until there are newer ones. */
export interface BoardState {
  readonly board: Board | null
  /** When it came, in the page's monotonic time. */
  readonly heardAtMs: number | null
  /** Nothing came for five seconds, though something came before. */
  readonly isStale: boolean
  /** The screen is held: what it showed then. */
  readonly isHeld: boolean
}

export interface BoardStore extends StoreApi<BoardState> {
  /** Takes a board from the feed. */
  accept(board: Board): void
  /** Looks at the time. */
  tick(): void
  /** Holds the screen, or lets it go on with the newest board. */
  hold(isHeld: boolean): void
  /** Alerts that were not there before, once each; not those of the first board. */
  onAlert(listener: (alert: Alert) => void): () => void
  /** Another profile's host answers: nothing of what was shown is its. */
  reset(): void
}

export const staleAfterMs = 5_000

export function createBoardStore(frame: FrameWriter, nowMs: () => number): BoardStore {
  const first: BoardState = { board: null, heardAtMs: null, isStale: false, isHeld: false }
  const store = createStore<BoardState>(() => first)
  const alertListeners = new Set<(alert: Alert) => void>()
  let known: ReadonlySet<string> | null = null
  let newest: { readonly board: Board; readonly heardAtMs: number } | null = null

  const show = (): void => {
    if (newest !== null && !store.getState().isHeld) store.setState({ ...newest, isStale: false })
  }
  const announce = (alerts: readonly Alert[]): void => {
    const before = known
    known = new Set(alerts.map(({ id }) => id))
    if (before === null) return
    for (const alert of alerts) {
      if (!before.has(alert.id)) for (const listener of alertListeners) listener(alert)
    }
  }
  return {
    ...store,
    accept(board) {
      newest = { board, heardAtMs: nowMs() }
      announce(board.alerts)
      frame.write('board', show)
    },
    tick() {
      const { isStale } = store.getState()
      const isStaleNow = newest !== null && nowMs() - newest.heardAtMs >= staleAfterMs
      if (isStale !== isStaleNow && (isStaleNow || store.getState().isHeld)) store.setState({ isStale: isStaleNow })
    },
    hold(isHeld) {
      store.setState({ isHeld })
      if (!isHeld) show()
    },
    reset() {
      known = null
      newest = null
      store.setState(first)
    },
    onAlert(listener) {
      alertListeners.add(listener)
      return () => alertListeners.delete(listener)
    },
  }
}
