import { useMemo } from 'react'
import type { StoresAnswer, StoreSummary } from '../../../core/protocol/views.ts'
import type { StoreMapData } from '../../charts/store-area-chart.ts'
import { dayMs, floorTo } from '../../stores/range.ts'
import { type Polled, usePoll, useView } from '../../use-model.ts'
import { useSpan } from '../../use-span.ts'

/** The first stores of the current order and filter, and their revenue by step. */
export interface StoreMap {
  readonly list: Polled<StoresAnswer>
  readonly stores: readonly StoreSummary[]
  readonly data: StoreMapData | null
  readonly map: ReturnType<typeof usePoll<'heatMap'>>
}

const refreshMs = 5_000

export function useStoreMap(most: number): StoreMap {
  const { sort, descending, filter } = useView((view) => view.stores)
  const { range, now, bounds } = useSpan()
  const list = usePoll(
    'stores',
    `${range} ${sort} ${descending} ${filter} ${most}`,
    () => ({ ...bounds(), compareMs: dayMs, sort, descending, filter, offset: 0, limit: most }),
    refreshMs,
  )
  const stores = list.answer?.rows ?? []
  const storeIds = stores.map(({ id }) => id)
  const { stepMs } = now()
  const map = usePoll(
    'heatMap',
    `${range} ${storeIds.join(' ')}`,
    storeIds.length === 0 ? null : () => ({ ...bounds(), stepMs, storeIds }),
    refreshMs,
  )
  const { answer } = map
  const data = useMemo(() => {
    if (answer === null) return null
    // The span as of the answer: it ends where the newest data does.
    const span = now()
    const lastMs = answer.startMs.at(-1)
    const untilMs =
      lastMs === undefined ? span.untilMs : floorTo(Math.max(lastMs, span.untilMs - 1), span.stepMs) + span.stepMs
    return { span: { ...span, fromMs: untilMs - (span.untilMs - span.fromMs), untilMs }, map: answer }
    // `now` is another function at each render; the answer tells when it is time.
  }, [answer])
  return { list, stores, data, map }
}
