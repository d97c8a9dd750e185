import { Database } from 'lucide-react'
import { ChartFrame } from '../../charts/chart-frame.tsx'
import { commitQuantile, type Commits, describeCommit, drawCommits } from '../../charts/commits-chart.ts'
import { useSource } from '../../charts/use-source.ts'
import { Empty } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import './commits.css'

const text = words.pipeline

/** How long the last commits took. */
export function CommitsPanel({ commits }: { readonly commits: Commits }) {
  const formats = useFormats()
  const source = useSource(commits)
  const median = commitQuantile(commits, 0.5)
  const slow = commitQuantile(commits, 0.99)
  return (
    <Panel
      className="commits"
      title={text.commits}
      aside={median !== null && slow !== null && text.commitsSummary(formats.duration(median), formats.duration(slow))}
    >
      {commits.length === 0 ? (
        <Empty icon={Database} text={text.commitsEmpty} next={text.commitsEmptyNext} />
      ) : (
        <div className="commits-chart">
          <ChartFrame
            label={text.commitsChart}
            source={source}
            draw={drawCommits}
            describe={(atMs) => describeCommit(commits, formats, atMs)}
            steps={() => commits.map(({ atMs }) => atMs)}
          />
        </div>
      )}
    </Panel>
  )
}
