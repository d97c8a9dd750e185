import type { PipelineView } from '../../core/protocol/views.ts'
import type { Formats } from '../format/formats.ts'
import { words } from '../words.ts'
import { axisRoom, createTimeAxis, createValueAxis, dropCut } from './axes.ts'
import type { ChartTheme } from './chart-theme.ts'
import type { Description } from './chart-tooltip.tsx'
import type { CustomSeriesRenderItem, EChartsCoreOption } from './echarts.ts'
import type { ChartSize } from './use-chart.ts'

export type Commits = PipelineView['commits']

/** Beyond it a chart tells no more, and costs more. */
const mostPoints = 400

const renderCommit =
  (theme: ChartTheme): CustomSeriesRenderItem =>
  (_params, api) => {
    const [x = 0, top = 0] = api.coord([Number(api.value(0)), Number(api.value(1))])
    const [, base = 0] = api.coord([Number(api.value(0)), 0])
    return {
      type: 'rect',
      shape: {
        x: Math.round(x) - 1,
        y: Math.round(top),
        width: 2,
        height: Math.max(1, Math.round(base) - Math.round(top)),
      },
      style: { fill: theme.accent, opacity: 0.85 },
    }
  }

/** A stroke per commit, as long as it took. */
export function drawCommits(
  commits: Commits,
  theme: ChartTheme,
  formats: Formats,
  size: ChartSize,
): EChartsCoreOption | null {
  const shown = commits.slice(-mostPoints)
  const [first] = shown
  const last = shown.at(-1)
  if (!first || !last) return null
  return {
    grid: { ...axisRoom, outerBoundsMode: 'none' },
    xAxis: {
      ...createTimeAxis(theme, formats, {
        fromMs: first.atMs,
        untilMs: Math.max(last.atMs, first.atMs + 10_000),
        width: size.width,
      }),
      ...chooseSecondLabels(first.atMs, last.atMs, size.width, theme, formats),
    },
    yAxis: createValueAxis(theme, { format: formats.duration }),
    series: [
      {
        id: 'commits',
        type: 'custom',
        silent: true,
        dimensions: ['at', 'duration'],
        encode: { x: 0, y: 1 },
        renderItem: renderCommit(theme),
        data: shown.map(({ atMs, durationMs }) => [atMs, durationMs]),
      },
    ],
  }
}

/** A stretch of less than a few minutes is labelled by its seconds. */
function chooseSecondLabels(fromMs: number, untilMs: number, width: number, theme: ChartTheme, formats: Formats) {
  const spanMs = untilMs - fromMs
  if (spanMs > 240_000) return {}
  const most = Math.max(2, Math.floor(width / 90))
  const stepMs = [5_000, 10_000, 15_000, 30_000, 60_000].find((step) => spanMs / step <= most) ?? 60_000
  const customValues: number[] = []
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at <= untilMs; at += stepMs) customValues.push(at)
  return {
    axisLabel: {
      color: theme.faint,
      fontSize: 10.5,
      fontFamily: theme.font,
      customValues: dropCut(customValues, { fromMs, untilMs, width: width - axisRoom.left - axisRoom.right }, 52),
      hideOverlap: true,
      formatter: (value: number) => formats.time(value),
    },
  }
}

/** The commit nearest to an instant. */
export function describeCommit(commits: Commits, formats: Formats, atMs: number): Description | null {
  const nearest = commits.reduce<Commits[number] | null>(
    (best, commit) => (best === null || Math.abs(commit.atMs - atMs) < Math.abs(best.atMs - atMs) ? commit : best),
    null,
  )
  if (nearest === null) return null
  return {
    title: formats.time(nearest.atMs),
    rows: [
      { name: words.pipeline.commitRow, value: formats.duration(nearest.durationMs) },
      { name: words.pipeline.recordsRow, value: formats.count(nearest.records) },
    ],
  }
}

/** The value below which a share of the commits lies; null without any. */
export function commitQuantile(commits: Commits, share: number): number | null {
  const sorted = commits.map(({ durationMs }) => durationMs).toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}
