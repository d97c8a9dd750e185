import './sparkline.css'
import { classNames } from '../ui/class-names.ts'

interface SparklineProps {
  readonly values: readonly number[]
  /** Bottom and top of the axis; from zero to the largest value unless given. */
  readonly domain?: readonly [number, number]
  readonly tone?: 'accent' | 'bad'
  readonly className?: string
}

const width = 120
const height = 24

/** The path of values over a box of 120 × 24; empty for fewer than two. */
export function traceSparkline(values: readonly number[], [bottom, top]: readonly [number, number]): string {
  if (values.length < 2) return ''
  const range = top - bottom || 1
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * width
    const share = Math.min(1, Math.max(0, (value - bottom) / range))
    return `${x.toFixed(1)},${(height - 1 - share * (height - 2)).toFixed(1)}`
  })
  return `M${points.join('L')}`
}

/** A line as small as a word. The figure beside it says what it shows. */
export function Sparkline({ values, domain, tone = 'accent', className }: SparklineProps) {
  const line = traceSparkline(values, domain ?? [0, Math.max(1e-9, ...values) * 1.04])
  return (
    <svg
      className={classNames('sparkline', `sparkline-${tone}`, className)}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      {line !== '' && (
        <>
          <path className="sparkline-area" d={`${line}L${width},${height}L0,${height}Z`} />
          <path className="sparkline-line" d={line} />
        </>
      )}
    </svg>
  )
}
