import type { PipelineView } from '../../../core/protocol/views.ts'
import { Instant } from '../../ui/instant.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import '../../ui/table.css'
import './processes.css'

const text = words.pipeline

/** What runs, and what it takes. */
export function ProcessesPanel({ view }: { readonly view: PipelineView }) {
  const formats = useFormats()
  return (
    <Panel className="processes" title={text.processes}>
      <table className="table processes-table">
        <thead>
          <tr>
            <th scope="col">{text.process.name}</th>
            {[text.process.id, text.process.memory, text.process.processor].map((name) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.processes.map(({ name, processId, rssBytes, cpuPercent }) => (
            <tr key={`${name} ${processId}`}>
              <th scope="row">{name}</th>
              <td className="number">{processId}</td>
              <td className="number">{formats.bytes(rssBytes)}</td>
              <td className="number">{formats.percent(cpuPercent / 100, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="processes-facts">
        <div className="fact">
          <dt>{text.started}</dt>
          <dd>
            <Instant atMs={Date.parse(view.startedAt)} show="instant" />
          </dd>
        </div>
        <div className="fact">
          <dt>{text.directory}</dt>
          <dd title={view.dataDirectory}>
            <code>{view.dataDirectory}</code>
          </dd>
        </div>
      </dl>
    </Panel>
  )
}
