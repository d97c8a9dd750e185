import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Series } from '../../core/protocol/views.ts'
import type { Client } from '../bridge/client.ts'
import { type CommandFault, toCommandFault } from '../bridge/fault.ts'
import { dayMs, type Range, type Span, spanAt } from './range.ts'
import { emptySeries, layOut, overlaySeries, type Steps, sumSeries, tailStart } from './series.ts'

/** What was sold by all stores over the chosen range, kept up to date. */
export interface TradeState {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly fault: CommandFault | null
  /** The range that is shown; the chosen one as soon as its data is there. */
  readonly range: Range
  readonly span: Span
  readonly steps: Steps
  /** The same steps a day before; null without the comparison or without data. */
  readonly compared: Steps | null
  /** The hour a day before this one; null without data. */
  readonly comparedHour: { readonly transactions: number; readonly cents: number } | null
  /** There is something older than a day to look at. */
  readonly hasWeek: boolean
  /** As of when, in the host's time. */
  readonly atMs: number | null
}

export interface TradeInputs {
  readonly range: Range
  readonly compare: boolean
  readonly windowMs: number
  readonly nowMs: number
  readonly watermarkMs: number | null
}

export interface TradeStore extends StoreApi<TradeState> {
  /** Asks for everything anew. */
  load(): Promise<void>
  /** Draws what is there once more: the comparison was switched. */
  redraw(): void
  /** Takes the newest minutes from the feed. */
  accept(recent: Series): void
  reset(): void
}

const hourMs = 3_600_000

interface Fetched {
  readonly range: Range
  readonly coarse: Series
  readonly tail: Series
  readonly tailFromMs: number
  readonly compared: Series
  readonly comparedHour: Series
  readonly older: Series
}

/** Whether an hour has data from its first quarter on: less is no hour to compare with. */
const reachesBackTo = ({ startMs }: Series, fromMs: number): boolean =>
  startMs[0] !== undefined && startMs[0] <= fromMs + hourMs / 4

/** @param inputs what the viewer has chosen and the host's time, read anew each time */
export function createTradeStore(client: Client, inputs: () => TradeInputs): TradeStore {
  const first = spanAt('1h', 60_000, 0)
  const empty: TradeState = {
    status: 'loading',
    fault: null,
    range: '1h',
    span: first,
    steps: { transactions: [], cents: [], final: [] },
    compared: null,
    comparedHour: null,
    hasWeek: false,
    atMs: null,
  }
  const store = createStore<TradeState>(() => empty)
  let fetched: Fetched | null = null
  let recent: Series = emptySeries
  let loading: AbortController | null = null

  const fetchSeries = (fromMs: number, untilMs: number, stepMs: number): Promise<Series> =>
    fromMs >= untilMs
      ? Promise.resolve(emptySeries)
      : client.request('series', { fromMs, untilMs, stepMs, storeId: null }, loading?.signal)

  const fetchAll = async ({ range, windowMs, nowMs }: TradeInputs): Promise<Fetched> => {
    const span = spanAt(range, windowMs, nowMs)
    const minutes = spanAt('1h', windowMs, nowMs)
    const hours = Math.ceil(hourMs / windowMs) * windowMs
    const tailFromMs = span.stepMs === windowMs ? span.fromMs : Math.max(span.fromMs, tailStart(span))
    const weekFromMs = minutes.untilMs - 7 * dayMs
    const [coarse, tail, compared, comparedHour, older] = await Promise.all([
      fetchSeries(span.fromMs, tailFromMs, span.stepMs),
      fetchSeries(tailFromMs, span.untilMs, windowMs),
      // A step more, for when the newest one is finished before this is asked again.
      fetchSeries(span.fromMs - dayMs, span.untilMs + span.stepMs - dayMs, span.stepMs),
      fetchSeries(nowMs - hourMs - dayMs, nowMs - dayMs, windowMs),
      fetchSeries(weekFromMs, minutes.untilMs - dayMs, hours),
    ])
    return { range, coarse, tail, tailFromMs, compared, comparedHour, older }
  }

  const draw = (): void => {
    const { range, compare, windowMs, nowMs, watermarkMs } = inputs()
    if (fetched === null || fetched.range !== range) return
    const span = spanAt(range, windowMs, nowMs)
    fetched = { ...fetched, tail: overlaySeries(fetched.tail, recent) }
    const before: Span = { ...span, fromMs: span.fromMs - dayMs, untilMs: span.untilMs - dayMs }
    const tail = dropBefore(fetched.tail, fetched.tailFromMs)
    store.setState({
      status: 'ready',
      fault: null,
      range,
      span,
      steps: layOut([fetched.coarse, tail], span, watermarkMs),
      compared: compare && fetched.compared.startMs.length > 0 ? layOut([fetched.compared], before, null) : null,
      comparedHour: reachesBackTo(fetched.comparedHour, nowMs - hourMs - dayMs)
        ? sumSeries(fetched.comparedHour)
        : null,
      hasWeek: fetched.older.startMs.length > 0,
      atMs: nowMs,
    })
  }

  return {
    ...store,
    async load() {
      loading?.abort()
      const mine = new AbortController()
      loading = mine
      try {
        const next = await fetchAll(inputs())
        if (loading !== mine) return
        fetched = next
        draw()
      } catch (error) {
        if (!mine.signal.aborted) store.setState({ status: 'failed', fault: toCommandFault(error) })
      }
    },
    redraw: draw,
    reset() {
      loading?.abort()
      loading = null
      fetched = null
      recent = emptySeries
      store.setState(empty)
    },
    accept(series) {
      recent = series
      draw()
    },
  }
}

/** The feed's minutes may reach back behind what was fetched in minutes: those are in the coarse part already. */
function dropBefore(series: Series, fromMs: number): Series {
  const first = series.startMs.findIndex((startMs) => startMs >= fromMs)
  const at = first === -1 ? series.startMs.length : first
  return {
    stepMs: series.stepMs,
    startMs: series.startMs.slice(at),
    transactions: series.transactions.slice(at),
    cents: series.cents.slice(at),
    final: series.final.slice(at),
  }
}
