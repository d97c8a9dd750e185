import type { Clock } from '../../base/clock.ts'
import type { HeatMap, Series, SeriesRequest } from '../../protocol/views.ts'
import { type Ask, createMemory, numberAt, sqlNumber, sqlStartsIn, sqlStep, type TradeSource } from './ask.ts'
import type { StoreDirectory } from './store-directory.ts'

export type SeriesView = (request: SeriesRequest) => Promise<Series>

/** Steps are counted from `fromMs`; a window belongs to the step its start lies in. */
async function readSeries(
  ask: Ask,
  trade: TradeSource,
  { fromMs, untilMs, stepMs, storeId }: SeriesRequest,
): Promise<Series> {
  if (untilMs <= fromMs) return { stepMs, startMs: [], transactions: [], cents: [], final: [] }
  const store = storeId === null ? '' : `AND store_id = ${sqlNumber(storeId)}`
  const where = `WHERE ${sqlStartsIn(fromMs, untilMs)} ${store} GROUP BY 1`
  const step = `${sqlStep('window_start', fromMs, stepMs)} AS step`
  const rows = await ask(
    `SELECT step, transactions, cents, final
    FROM (
      SELECT ${step}, sum(transactions)::DOUBLE PRECISION AS transactions, sum(cents)::DOUBLE PRECISION AS cents
      FROM ${trade} ${where}
    ) sold
    LEFT JOIN (SELECT ${step}, bool_and(final) AS final FROM storepulse.windows ${where}) closed USING (step) ORDER BY step`,
  )
  return {
    stepMs,
    startMs: rows.map((row) => fromMs + numberAt(row, 0) * stepMs),
    transactions: rows.map((row) => numberAt(row, 1)),
    cents: rows.map((row) => numberAt(row, 2)),
    final: rows.map((row) => row[3] === true),
  }
}

const freshMs = 500

/** What was sold by one store or all, by step. */
export function createSeriesView(ask: Ask, trade: TradeSource, clock: Clock): SeriesView {
  const remember = createMemory<Series>(clock, freshMs)
  return (request) => {
    const { fromMs, untilMs, stepMs, storeId } = request
    return remember(`${fromMs} ${untilMs} ${stepMs} ${storeId ?? '*'}`, () => readSeries(ask, trade, request))
  }
}

export interface HeatMapRequest extends Omit<SeriesRequest, 'storeId'> {
  readonly storeIds: readonly number[]
}

/** Revenue by store and step; steps without a sale are 0, stores keep the order they were asked in. */
export async function readHeatMap(
  ask: Ask,
  trade: TradeSource,
  directory: StoreDirectory,
  request: HeatMapRequest,
): Promise<HeatMap> {
  const { fromMs, untilMs, stepMs, storeIds } = request
  const steps = Math.max(0, Math.ceil((untilMs - fromMs) / stepMs))
  const startMs = Array.from({ length: steps }, (_, index) => fromMs + index * stepMs)
  const stores = storeIds.map((id) => ({ id, name: directory.nameOf(id) }))
  const cents = storeIds.map(() => Array.from({ length: steps }, () => 0))
  if (steps === 0 || storeIds.length === 0) return { stepMs, startMs, stores, cents }
  const rows = await ask(
    `SELECT store_id, ${sqlStep('window_start', fromMs, stepMs)}, sum(cents)::DOUBLE PRECISION FROM ${trade}
    WHERE ${sqlStartsIn(fromMs, untilMs)} AND store_id IN (${storeIds.map(sqlNumber).join(', ')}) GROUP BY 1, 2`,
  )
  const lines = new Map(storeIds.map((id, index) => [id, cents[index]]))
  for (const row of rows) {
    const line = lines.get(numberAt(row, 0))
    if (line) line[numberAt(row, 1)] = numberAt(row, 2)
  }
  return { stepMs, startMs, stores, cents }
}
