import type { PipelineView } from '../../../core/protocol/views.ts'

export type Trend = 'falling' | 'steady' | 'growing'

/** Below so many records a second a change is none: a commit comes a moment sooner or later. */
const steadyPerSecond = 1
/** Or below such a share of the lag. */
const steadyShare = 0.002

/** Which way the lag goes; null before that can be told. */
export function judgeTrend({ changePerSecond, records }: PipelineView['lag']): Trend | null {
  if (changePerSecond === null) return null
  if (Math.abs(changePerSecond) < Math.max(steadyPerSecond, records * steadyShare)) return 'steady'
  return changePerSecond < 0 ? 'falling' : 'growing'
}
