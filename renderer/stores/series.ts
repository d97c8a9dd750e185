import type { Series } from '../../core/protocol/views.ts'
import { floorTo, type Span } from './range.ts'

/** One column per step of a span, steps without a sale included as zero. */
export interface Steps {
  readonly transactions: readonly number[]
  readonly cents: readonly number[]
  /** Whether every window of the step is final; a step without a window is as final as the watermark says. */
  readonly final: readonly boolean[]
}

export const emptySeries: Series = { stepMs: 60_000, startMs: [], transactions: [], cents: [], final: [] }

/** Minutes by their start, the later series winning where both have one. */
export function overlaySeries(under: Series, over: Series): Series {
  const first = over.startMs[0]
  if (first === undefined) return under
  const last = over.startMs.at(-1) ?? first
  const kept = (series: Series, keep: (startMs: number) => boolean): readonly number[] =>
    series.startMs.flatMap((startMs, index) => (keep(startMs) ? [index] : []))
  const before = kept(under, (startMs) => startMs < first)
  const after = kept(under, (startMs) => startMs > last)
  const join = <Value>(from: readonly Value[], overlay: readonly Value[]): readonly Value[] => [
    ...pick(from, before),
    ...overlay,
    ...pick(from, after),
  ]
  return {
    stepMs: over.stepMs,
    startMs: join(under.startMs, over.startMs),
    transactions: join(under.transactions, over.transactions),
    cents: join(under.cents, over.cents),
    final: join(under.final, over.final),
  }
}

function pick<Value>(values: readonly Value[], indexes: readonly number[]): readonly Value[] {
  return indexes.flatMap((index) => {
    const value = values[index]
    return value === undefined ? [] : [value]
  })
}

/**
 * Lays series out over a span, each value added to the step it falls into. A step whose end lies behind the watermark is
 * final even where nothing was sold.
 */
export function layOut(parts: readonly Series[], span: Span, watermarkMs: number | null): Steps {
  const length = Math.max(0, Math.round((span.untilMs - span.fromMs) / span.stepMs))
  const transactions = Array.from({ length }, () => 0)
  const cents = Array.from({ length }, () => 0)
  const final = Array.from(
    { length },
    (_, index) => watermarkMs !== null && span.fromMs + (index + 1) * span.stepMs <= watermarkMs,
  )
  const isSeen = Array.from({ length }, () => false)
  for (const part of parts) {
    part.startMs.forEach((startMs, at) => {
      const index = Math.floor((startMs - span.fromMs) / span.stepMs)
      if (index < 0 || index >= length) return
      transactions[index] = (transactions[index] ?? 0) + (part.transactions[at] ?? 0)
      cents[index] = (cents[index] ?? 0) + (part.cents[at] ?? 0)
      final[index] = (part.final[at] ?? false) && (isSeen[index] !== true || final[index] === true)
      isSeen[index] = true
    })
  }
  return { transactions, cents, final }
}

/** Totals of a series. */
export function sumSeries(series: Series): { readonly transactions: number; readonly cents: number } {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  return { transactions: sum(series.transactions), cents: sum(series.cents) }
}

/**
 * What the unfinished last step may come to: what it has, and for the rest of it the pace of the steps before. Null where
 * that is no guide.
 */
export function expectLast(values: readonly number[], elapsedShare: number): number | null {
  const before = values.slice(-6, -1)
  const last = values.at(-1)
  if (last === undefined || before.length === 0) return null
  const pace = before.reduce((total, value) => total + value, 0) / before.length
  return last + pace * (1 - Math.min(1, Math.max(0, elapsedShare)))
}

/** Where the part begins that is fetched in windows, so that the newest can be laid over it: whole steps, 15 minutes at least. */
export const tailStart = (span: Span): number => floorTo(span.untilMs - 15 * 60_000 - span.stepMs, span.stepMs)
