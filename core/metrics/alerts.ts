import type { Alert } from '../protocol/board.ts'

/** An alert as it is remembered. */
export interface PastAlert {
  readonly alert: Alert
  /** Null while it still holds. */
  readonly resolvedAtMs: number | null
}

/** What has become of an alert. `reworded`: it holds as before, and says it otherwise. */
export type AlertChange = 'raised' | 'resolved' | 'reworded'

/**
 * What is wrong right now, and what was: the last 500. An alert is raised once, keeps its instant, and goes when it is
 * resolved.
 */
export interface AlertBook {
  raise(alert: Omit<Alert, 'since'>, nowMs: number): void
  resolve(id: string, nowMs: number): void
  list(): readonly Alert[]
  /** Newest first, those that hold now among them. */
  listPast(limit: number): readonly PastAlert[]
  /**
   * Takes over what an earlier process knew. What held when it ended counts as over at `endedAtMs`, unless it is raised
   * again within a quarter of an hour of `nowMs`, or holds already: then it has held all the while.
   */
  recall(earlier: readonly PastAlert[], endedAtMs: number, nowMs: number): void
  /** Calls `listener` with each change; returns its undo. */
  watch(listener: (entry: PastAlert, change: AlertChange) => void): () => void
}

const mostPast = 500
/** What is wrong all the time is found again within this time of a start. */
const raisedAgainWithinMs = 900_000

const sinceMs = ({ since }: Alert): number => new Date(since).getTime()

const orderNewestFirst = (entries: readonly PastAlert[]): readonly PastAlert[] =>
  [...entries].sort((left, right) =>
    left.alert.since < right.alert.since ? 1 : left.alert.since > right.alert.since ? -1 : 0,
  )

/** Creates an empty book. */
export function createAlertBook(): AlertBook {
  const alerts = new Map<string, Alert>()
  const listeners = new Set<(entry: PastAlert, change: AlertChange) => void>()
  let past: readonly PastAlert[] = []
  /** Of an earlier process, by id; they are in `past` too. */
  let interrupted = new Map<string, PastAlert>()
  let againUntilMs = 0

  const tell = (entry: PastAlert, change: AlertChange): void => {
    for (const listener of listeners) listener(entry, change)
  }
  /** When an alert began that was thought to be over. */
  const takeInterrupted = (id: string): string | undefined => {
    const found = interrupted.get(id)
    if (!found) return undefined
    interrupted.delete(id)
    past = past.filter((entry) => entry !== found)
    return found.alert.since
  }

  return {
    raise(alert, nowMs) {
      const before = alerts.get(alert.id)
      if (nowMs > againUntilMs) interrupted = new Map()
      const since = before?.since ?? takeInterrupted(alert.id) ?? new Date(nowMs).toISOString()
      const next = { ...alert, since }
      alerts.set(alert.id, next)
      if (!before) tell({ alert: next, resolvedAtMs: null }, 'raised')
      else if (before.message !== alert.message) tell({ alert: next, resolvedAtMs: null }, 'reworded')
    },
    resolve(id, nowMs) {
      const alert = alerts.get(id)
      if (!alert) return
      alerts.delete(id)
      // A clock that was put back meanwhile ends nothing before it began.
      const entry = { alert, resolvedAtMs: Math.max(nowMs, sinceMs(alert)) }
      past = [entry, ...past].slice(0, mostPast)
      tell(entry, 'resolved')
    },
    list: () => [...alerts.values()],
    listPast(limit) {
      const current = [...alerts.values()].map((alert) => ({ alert, resolvedAtMs: null }))
      return orderNewestFirst([...current, ...past]).slice(0, limit)
    },
    recall(earlier, endedAtMs, nowMs) {
      const close = (entry: PastAlert): PastAlert => ({
        ...entry,
        resolvedAtMs: entry.resolvedAtMs ?? Math.max(endedAtMs, sinceMs(entry.alert)),
      })
      const closed = earlier.map(close)
      past = orderNewestFirst([...past, ...closed]).slice(0, mostPast)
      interrupted = new Map(
        closed.filter((_, index) => earlier[index]?.resolvedAtMs === null).map((entry) => [entry.alert.id, entry]),
      )
      againUntilMs = nowMs + raisedAgainWithinMs
      for (const [id, alert] of alerts) alerts.set(id, { ...alert, since: takeInterrupted(id) ?? alert.since })
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
