import { words } from '../../words.ts'

interface BarLegendProps {
  readonly isCompared: boolean
  readonly hasSilence: boolean
}

/** What the looks of bars and lines mean. */
export function BarLegend({ isCompared, hasSilence }: BarLegendProps) {
  return (
    <ul className="legend">
      <li className="legend-entry">
        <span className="legend-swatch legend-final" />
        {words.trade.final}
      </li>
      <li className="legend-entry">
        <span className="legend-swatch legend-open" />
        {words.trade.provisional}
      </li>
      <li className="legend-entry legend-optional">
        <span className="legend-swatch legend-running" />
        {words.trade.running}
      </li>
      {hasSilence && (
        <li className="legend-entry">
          <span className="legend-silence" />
          {words.trade.silence}
        </li>
      )}
      {isCompared && (
        <li className="legend-entry">
          <span className="legend-line" />
          {words.trade.yesterday}
        </li>
      )}
    </ul>
  )
}
