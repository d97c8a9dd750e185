import { ShieldCheck } from 'lucide-react'
import { useContext, useMemo } from 'react'
import { useStore } from 'zustand'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import { readChartTheme } from '../../charts/chart-theme.ts'
import {
  colourOfReason,
  describeReasons,
  drawReasons,
  layOutReasons,
  type ReasonsData,
} from '../../charts/reasons-chart.ts'
import { ThemeContext } from '../../charts/theme-context.ts'
import { useSource } from '../../charts/use-source.ts'
import type { ThemeStore } from '../../theme.ts'
import { Empty, Failed, Loading, NotRefreshed } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useFormats, usePoll } from '../../use-model.ts'
import { useSpan } from '../../use-span.ts'
import { words } from '../../words.ts'
import './reasons.css'

const text = words.quality
const refreshMs = 3_000

function Chart({ data, themeStore }: { readonly data: ReasonsData; readonly themeStore: ThemeStore }) {
  const formats = useFormats()
  const source = useSource(data)
  const shown = useStore(themeStore, (state) => state.shown)
  // Colours are read from the page, which has changed its theme by now.
  const theme = useMemo(readChartTheme, [shown])
  const { span } = data
  return (
    <>
      <div className="reasons-chart">
        <ChartFrame
          label={text.reasonsChart}
          source={source}
          draw={drawReasons}
          describe={(atMs) => describeReasons(data, theme, formats, atMs)}
          steps={() =>
            Array.from(
              { length: Math.round((span.untilMs - span.fromMs) / span.stepMs) },
              (_, index) => span.fromMs + index * span.stepMs,
            )
          }
        />
      </div>
      <ul className="reasons-legend">
        {layOutReasons(data).map(({ reason, total }) => (
          <li key={reason} className="legend-entry">
            <span className="legend-swatch" style={{ background: colourOfReason(theme, reason) }} />
            {words.reasonOf(reason)} <strong>{formats.countShort(total)}</strong>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Why records were rejected, and which came too late, over the range. */
export function ReasonsPanel() {
  const themeStore = useContext(ThemeContext)
  const { range, bounds, now } = useSpan()
  const { answer, fault, reload } = usePoll('quality', range, () => ({ ...bounds(), stepMs: now().stepMs }), refreshMs)
  const data = useMemo(() => (answer === null ? null : { span: now(), series: answer }), [answer])
  return (
    <Panel
      className="reasons"
      title={text.reasons}
      aside={
        <>
          <NotRefreshed fault={data === null ? null : fault} />
          {words.ranges[range].long}
        </>
      }
    >
      {data === null && (fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />)}
      {data !== null && layOutReasons(data).length === 0 && (
        <Empty icon={ShieldCheck} text={text.reasonsEmpty} next={text.reasonsEmptyNext} />
      )}
      {data !== null && layOutReasons(data).length > 0 && themeStore !== null && (
        <Chart data={data} themeStore={themeStore} />
      )}
    </Panel>
  )
}
