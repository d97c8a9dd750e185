/** The spans a page can look at, and in which steps. */
export const ranges = ['15m', '1h', '6h', '24h', '7d'] as const
export type Range = (typeof ranges)[number]

const minuteMs = 60_000
const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

const spans: Readonly<Record<Range, { readonly spanMs: number; readonly stepMs: number }>> = {
  '15m': { spanMs: 15 * minuteMs, stepMs: minuteMs },
  '1h': { spanMs: hourMs, stepMs: minuteMs },
  '6h': { spanMs: 6 * hourMs, stepMs: 5 * minuteMs },
  '24h': { spanMs: dayMs, stepMs: 15 * minuteMs },
  '7d': { spanMs: 7 * dayMs, stepMs: 2 * hourMs },
}

export const isRange = (value: unknown): value is Range => ranges.some((range) => range === value)

export const spanOf = (range: Range): number => spans[range].spanMs

const ceilTo = (value: number, step: number): number => Math.ceil(value / step) * step
export const floorTo = (value: number, step: number): number => Math.floor(value / step) * step

/** Step of a range: about a hundred at most, and whole windows. */
export const stepOf = (range: Range, windowMs: number): number =>
  ceilTo(Math.max(spans[range].stepMs, windowMs), windowMs)

/** [fromMs, untilMs) of a range as of now: whole steps, the unfinished one included. */
export interface Span {
  readonly fromMs: number
  readonly untilMs: number
  readonly stepMs: number
}

export function spanAt(range: Range, windowMs: number, nowMs: number): Span {
  const stepMs = stepOf(range, windowMs)
  const untilMs = floorTo(nowMs, stepMs) + stepMs
  return { fromMs: untilMs - Math.max(1, Math.round(spanOf(range) / stepMs)) * stepMs, untilMs, stepMs }
}
