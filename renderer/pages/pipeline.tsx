import { CommitsPanel } from '../panels/commits/commits-panel.tsx'
import { DifferencePanel, useHasTable } from '../panels/difference/difference-panel.tsx'
import { FlowPanel } from '../panels/flow/flow-panel.tsx'
import { LagPanel } from '../panels/lag/lag-panel.tsx'
import { PartitionsPanel } from '../panels/partitions/partitions-panel.tsx'
import { ProcessesPanel } from '../panels/processes/processes-panel.tsx'
import { Failed, Loading } from '../ui/notice.tsx'
import { usePoll } from '../use-model.ts'
import './pipeline.css'

const refreshMs = 1_000

/** The way of the data from where it is made to the screen, and how each part of it does. */
export function Pipeline() {
  const hasTable = useHasTable()
  const { answer, fault, reload } = usePoll('pipeline', '', () => ({}), refreshMs)
  return (
    <div className="pipeline">
      <FlowPanel view={answer} />
      {answer !== null && <LagPanel view={answer} />}
      {answer === null ? (
        <section className="panel pipeline-rest">
          {fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />}
        </section>
      ) : (
        <div className="pipeline-rest">
          <div className="pipeline-main">
            <PartitionsPanel view={answer} />
            {hasTable && <DifferencePanel />}
          </div>
          <div className="pipeline-side">
            <CommitsPanel commits={answer.commits} />
            <ProcessesPanel view={answer} />
          </div>
        </div>
      )}
    </div>
  )
}
