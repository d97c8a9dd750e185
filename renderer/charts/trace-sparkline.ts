export const sparklineWidth = 120
export const sparklineHeight = 24

/** The path of values over a box of 120 × 24; empty for fewer than two. */
export function traceSparkline(values: readonly number[], [bottom, top]: readonly [number, number]): string {
  if (values.length < 2) return ''
  const range = top - bottom || 1
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * sparklineWidth
    const share = Math.min(1, Math.max(0, (value - bottom) / range))
    return `${x.toFixed(1)},${(sparklineHeight - 1 - share * (sparklineHeight - 2)).toFixed(1)}`
  })
  return `M${points.join('L')}`
}
