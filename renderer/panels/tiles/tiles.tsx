import { useFormats, useModel, useTrade, useView, useBoard } from '../../use-model.ts'
import { useStore } from 'zustand'
import { readCents } from '../../format/formats.ts'
import { spanOf } from '../../stores/range.ts'
import { trendSince } from '../../stores/trend-store.ts'
import { Change } from '../../ui/change.tsx'
import { words } from '../../words.ts'
import { Tile } from './tile.tsx'

const text = words.tiles
/** A figure of more digits does not fit a narrow tile. */
const mostRevenue = 100_000_000

/** Compared with yesterday, where there is one. */
function Versus({ value, compared }: { readonly value: number; readonly compared: number | null }) {
  if (compared === null || compared === 0) return <span>{text.noYesterday}</span>
  return (
    <>
      <Change value={value} compared={compared} />
      <span className="tile-extra">{text.versus}</span>
    </>
  )
}

/** Steps that are over: the running one would always look like a fall. */
function useFinishedSteps(figure: 'transactions' | 'cents'): readonly number[] {
  return useTrade((trade) => trade.steps[figure]).slice(0, -1)
}

function TransactionsTile() {
  const formats = useFormats()
  const perMinute = useBoard(({ board }) => board?.transactionsPerMinute ?? null)
  const comparedHour = useTrade((trade) => trade.comparedHour)
  const span = useTrade((trade) => trade.span)
  const values = useFinishedSteps('transactions')
  const perStep = span.stepMs / 60_000
  const peak = Math.max(0, ...values)
  const peakMs = span.fromMs + values.indexOf(peak) * span.stepMs
  return (
    <Tile
      name={text.transactions}
      why={text.transactionsWhy}
      figure={perMinute === null ? words.none : formats.rate(perMinute)}
      beside={
        <Versus value={perMinute ?? 0} compared={comparedHour === null ? null : comparedHour.transactions / 60} />
      }
      trend={values}
      foot={peak > 0 ? text.peak(formats.rate(peak / perStep), formats.minute(peakMs)) : words.none}
    />
  )
}

function Projected({ value }: { readonly value: string }) {
  const [short, rest] = text.projected(value)
  return (
    <>
      {short} <span className="tile-extra">{rest}</span>
    </>
  )
}

function RevenueTile() {
  const formats = useFormats()
  const revenue = useBoard(({ board }) => board?.revenueLastHour ?? null)
  const projected = useBoard(({ board }) => board?.projectedHourlyRevenue ?? null)
  const comparedHour = useTrade((trade) => trade.comparedHour)
  const values = useFinishedSteps('cents')
  return (
    <Tile
      name={text.revenue}
      why={text.revenueWhy}
      figure={revenue === null ? words.none : formats.moneyFit(readCents(revenue), mostRevenue)}
      beside={<Versus value={readCents(revenue ?? '0')} compared={comparedHour?.cents ?? null} />}
      trend={values}
      foot={projected === null ? words.none : <Projected value={formats.moneyFit(readCents(projected), mostRevenue)} />}
    />
  )
}

function useTrend(figure: 'customers' | 'p50Ms' | 'dataQuality'): readonly number[] {
  const model = useModel()
  const trends = useStore(model.trends)
  const range = useView((view) => view.range)
  return trendSince(trends, model.nowMs() - spanOf(range), figure)
}

function CustomersTile() {
  const formats = useFormats()
  const customers = useBoard(({ board }) => board?.activeCustomers ?? null)
  const stores = useBoard(({ board }) => board?.activeStores ?? 0)
  const silent = useBoard(({ board }) => board?.alerts.filter(({ kind }) => kind === 'silent-store').length ?? 0)
  const compared = useStore(useModel().trends, (trends) => trends.compared.customers)
  return (
    <Tile
      name={text.customers}
      why={text.customersWhy}
      figure={customers === null ? words.none : formats.count(customers)}
      beside={<Versus value={customers ?? 0} compared={compared} />}
      trend={useTrend('customers')}
      foot={
        silent > 0 ? (
          <span className="is-bad">{text.silent(formats.count(silent), silent)}</span>
        ) : (
          text.inStores(formats.count(stores), stores)
        )
      }
    />
  )
}

function LatencyTile() {
  const formats = useFormats()
  const p50 = useBoard(({ board }) => board?.latencyMs.p50 ?? null)
  const p95 = useBoard(({ board }) => board?.latencyMs.p95 ?? null)
  const p99 = useBoard(({ board }) => board?.latencyMs.p99 ?? null)
  const max = useBoard(({ board }) => board?.latencyMs.max ?? null)
  const show = (value: number | null): string => (value === null ? words.none : formats.duration(value))
  const [shown99, shown95] = text.percentiles(show(p99), show(p95))
  return (
    <Tile
      name={text.latency}
      why={text.latencyWhy}
      figure={show(p50)}
      beside={
        <>
          <strong>{shown99}</strong>
          <span className="tile-extra">{shown95}</span>
        </>
      }
      trend={useTrend('p50Ms')}
      foot={max === null ? text.noSample : text.slowest(show(max))}
    />
  )
}

function QualityTile() {
  const formats = useFormats()
  const quality = useBoard(({ board }) => board?.dataQuality ?? null)
  const invalid = useBoard(({ board }) => board?.records.invalid ?? 0)
  const received = useBoard(({ board }) => board?.records.received ?? 0)
  const trend = useTrend('dataQuality')
  return (
    <Tile
      name={text.quality}
      why={text.qualityWhy}
      figure={quality === null ? words.none : formats.percent(quality / 100, 2)}
      beside={
        <>
          <strong>{text.invalid(formats.countShort(invalid))}</strong>
          <span className="tile-extra">{text.ofReceived(formats.countShort(received))}</span>
        </>
      }
      trend={trend}
      // An axis of its own size would make a drama of every hundredth.
      domain={[Math.min(95, ...trend), 100.2]}
      foot={text.qualitySpan}
    />
  )
}

/** The five figures of the business. */
export function Tiles() {
  return (
    <div className="tiles">
      <TransactionsTile />
      <RevenueTile />
      <CustomersTile />
      <LatencyTile />
      <QualityTile />
    </div>
  )
}
