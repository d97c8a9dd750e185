import { useShallow } from 'zustand/react/shallow'
import { latencyHops } from '../../../core/protocol/board.ts'
import { Panel } from '../../ui/panel.tsx'
import { Track } from '../../ui/track.tsx'
import { useBoard, useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import './latency.css'

const text = words.latency

/** Where a record's time goes, hop by hop, each beginning where the one before ended. */
export function LatencyPanel() {
  const formats = useFormats()
  const medians = useBoard(useShallow(({ board }) => latencyHops.map((hop) => board?.latencyMs.hops[hop].p50 ?? null)))
  const total = medians.reduce<number>((sum, median) => sum + (median ?? 0), 0)
  const isPainted = medians.at(-1) !== null
  const hasSample = medians.some((median) => median !== null)
  let passed = 0
  return (
    <Panel
      className="latency"
      title={text.title}
      aside={hasSample ? (isPainted ? text.toPixel : text.toRow)(formats.duration(total)) : text.noSample}
    >
      <ul className="hops">
        {latencyHops.map((hop, index) => {
          const median = medians[index] ?? null
          const from = total > 0 ? passed / total : 0
          passed += median ?? 0
          return (
            <li key={hop} className="hop">
              <span className="hop-name">{text.hops[hop]}</span>
              <Track from={from} length={total > 0 ? (median ?? 0) / total : 0} />
              <span className="hop-value tabular">{median === null ? words.none : formats.duration(median)}</span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
