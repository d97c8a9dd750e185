import { classNames } from '../ui/class-names.ts'
import { sparklineHeight as height, sparklineWidth as width, traceSparkline } from './trace-sparkline.ts'
import './sparkline.css'

interface SparklineProps {
  readonly values: readonly number[]
  /** Bottom and top of the axis; from zero to the largest value unless given. */
  readonly domain?: readonly [number, number]
  readonly tone?: 'accent' | 'bad'
  readonly className?: string
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
