import { type Clock, repeatEvery } from '../base/clock.ts'
import { toFault } from '../base/fault.ts'
import type { Logger } from '../base/logger.ts'
import type { AlertBook, PastAlert } from '../metrics/alerts.ts'
import type { Alert, AlertKind } from '../protocol/board.ts'
import { alertKinds } from '../protocol/board.ts'
import type { StoredAlert, StoredTrend, Warehouse } from '../warehouse/warehouse.ts'
import { createTrends, type Trends, trendsKeptMs } from './views/trends.ts'

/**
 * Alerts and trends, kept in the warehouse so that a restart does not forget them.
 *
 * 1. Nothing waits for a save, and a save that fails is tried again: it costs no event and no commit.
 * 2. What was told before the warehouse was there, or while it is away, is saved when it is.
 */
export interface Remembered {
  readonly trends: Trends
  /**
   * Takes over what earlier processes left; to be called before the warehouse is claimed. A later one that knows nothing,
   * having been rebuilt, is given all there is. Never rejects.
   */
  recall(warehouse: Warehouse): Promise<void>
  /** Saves all there is to save. Never rejects. */
  save(warehouse: Warehouse): Promise<void>
  readonly stop: () => void
}

export interface RememberedParts {
  readonly alerts: AlertBook
  readonly clock: Clock
  readonly logger: Logger
  /** The warehouse to save to, or null while there is none. */
  readonly findWarehouse: () => Warehouse | null
}

const alertsRecalled = 500
const lookEveryMs = 1_000
/** A changed text alone is no reason to write; it goes with what is, or after this time. */
const rewordedMs = 60_000
const trendsAtOnce = 6

function toStored({ alert, resolvedAtMs }: PastAlert): StoredAlert {
  const { id, kind, message, severity, since, storeId } = alert
  return { id, raisedAtMs: new Date(since).getTime(), kind, severity, message, storeId: storeId ?? null, resolvedAtMs }
}

/** A kind that this version does not know (any more) is shown as a fault. */
const readKind = (text: string): AlertKind => alertKinds.find((known) => known === text) ?? 'fault'

function fromStored({ id, kind, message, raisedAtMs, resolvedAtMs, severity, storeId }: StoredAlert): PastAlert {
  const alert: Alert = {
    id,
    kind: readKind(kind),
    severity: severity === 'warning' ? 'warning' : 'critical',
    message,
    since: new Date(raisedAtMs).toISOString(),
    ...(storeId === null ? {} : { storeId }),
  }
  return { alert, resolvedAtMs }
}

const keyOf = ({ id, raisedAtMs }: StoredAlert): string => `${raisedAtMs} ${id}`
const isSame = (left: StoredAlert, right: StoredAlert | undefined): boolean =>
  left.message === right?.message && left.resolvedAtMs === right.resolvedAtMs

export function createRemembered({ alerts, clock, findWarehouse, logger }: RememberedParts): Remembered {
  const trends = createTrends()
  let changed = new Map<string, StoredAlert>()
  let points: readonly StoredTrend[] = []
  let isRecalled = false
  let isUrgent = false
  let savedAtMs = clock.monotonicMs()
  let saving: Promise<void> | null = null
  let hasFailed = false

  const note = (entry: StoredAlert): void => void changed.set(keyOf(entry), entry)
  const undo = [
    alerts.watch((entry, change) => {
      if (!isRecalled) return
      note(toStored(entry))
      isUrgent ||= change !== 'reworded'
    }),
    trends.watch((point) => {
      points = [...points, point]
    }),
  ]

  const write = async (warehouse: Warehouse): Promise<void> => {
    const [dueAlerts, duePoints] = [changed, points]
    changed = new Map()
    points = []
    isUrgent = false
    try {
      await warehouse.saveAlerts([...dueAlerts.values()])
      await warehouse.saveTrends(duePoints)
      savedAtMs = clock.monotonicMs()
      hasFailed = false
    } catch (error) {
      changed = new Map([...dueAlerts, ...changed])
      points = [...duePoints, ...points]
      isUrgent = true
      if (!hasFailed) logger.warn('alerts and trends wait to be saved', { reason: toFault(error, 'saving').message })
      hasFailed = true
    }
  }
  const save = async (warehouse: Warehouse): Promise<void> => {
    await saving
    if (!isRecalled || (changed.size === 0 && points.length === 0)) return
    saving = write(warehouse)
    await saving
    saving = null
  }
  const saveIfDue = (): void => {
    const isOld = changed.size > 0 && clock.monotonicMs() - savedAtMs >= rewordedMs
    const warehouse = findWarehouse()
    if (warehouse && !saving && (isUrgent || isOld || points.length >= trendsAtOnce)) void save(warehouse)
  }
  undo.push(repeatEvery(lookEveryMs, saveIfDue))

  const read = async (warehouse: Warehouse): Promise<void> => {
    const nowMs = clock.nowMs()
    const owner = await warehouse.readOwner()
    const stored = await warehouse.listAlerts(alertsRecalled)
    const earlier = await warehouse.listTrends(nowMs - trendsKeptMs)
    const heardAtMs = owner?.seenAtMs ?? owner?.claimedAtMs ?? 0
    alerts.recall(stored.map(fromStored), Math.max(heardAtMs, earlier.at(-1)?.atMs ?? 0), nowMs)
    trends.recall(earlier)
    isRecalled = true
    // What has come of it: those that held are over, and what was raised before the warehouse was there is new.
    const before = new Map(stored.map((entry) => [keyOf(entry), entry]))
    for (const entry of alerts.listPast(Number.POSITIVE_INFINITY).map(toStored)) {
      if (!isSame(entry, before.get(keyOf(entry)))) note(entry)
    }
    isUrgent = changed.size > 0
  }

  const giveBack = async (warehouse: Warehouse): Promise<void> => {
    if ((await warehouse.listAlerts(1)).length > 0 || (await warehouse.listTrends(0)).length > 0) return
    alerts.listPast(Number.POSITIVE_INFINITY).map(toStored).forEach(note)
    points = trends.list()
    isUrgent = true
  }

  return {
    trends,
    async recall(warehouse) {
      try {
        await (isRecalled ? giveBack(warehouse) : read(warehouse))
      } catch (error) {
        logger.warn('earlier alerts and trends could not be read', { reason: toFault(error, 'reading').message })
      }
    },
    save,
    stop() {
      for (const end of undo) end()
    },
  }
}
