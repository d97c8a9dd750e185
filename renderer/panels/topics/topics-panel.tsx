import { outcomes, type RecordCounts } from '../../../core/protocol/board.ts'
import { Term } from '../../ui/hint.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { useBoard, useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'
import { IdentityMark } from '../identity/identity-mark.tsx'
import './topics.css'

const text = words.quality

function Cells({ records }: { readonly records: RecordCounts }) {
  const formats = useFormats()
  const share = records.received === 0 ? 1 : (records.received - records.invalid) / records.received
  return (
    <>
      <td className="number">{formats.count(records.received)}</td>
      {outcomes.map((outcome) => (
        <td key={outcome} className="number">
          <span className={records[outcome] === 0 ? 'topics-none' : `topics-${outcome}`}>
            {formats.count(records[outcome])}
          </span>
        </td>
      ))}
      <td className="number">{formats.percent(share, 2)}</td>
      <td className="topics-mark">
        <IdentityMark records={records} />
      </td>
    </>
  )
}

/** The identity by topic and in all. */
export function TopicsPanel() {
  const records = useBoard(({ board }) => board?.records ?? null)
  const perTopic = useBoard(({ board }) => board?.perTopic ?? null)
  return (
    <Panel
      className="topics"
      title={<Term why={words.identity.why}>{text.identity}</Term>}
      aside={records && <IdentityMark records={records} />}
    >
      <Scrolled label={text.identity}>
        <table className="table topics-table">
          <thead>
            <tr>
              <th scope="col">{text.topic}</th>
              {(['received', ...outcomes] as const).map((name) => (
                <th key={name} scope="col" className="number">
                  {words.outcomes[name]}
                </th>
              ))}
              <th scope="col" className="number">
                {text.share}
              </th>
              <th scope="col" className="topics-mark">
                {text.sum}
              </th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(perTopic ?? {}).map(([topic, counts]) => (
              <tr key={topic}>
                <th scope="row">{topic}</th>
                <Cells records={counts} />
              </tr>
            ))}
          </tbody>
          {records && (
            <tfoot>
              <tr>
                <th scope="row">{text.all}</th>
                <Cells records={records} />
              </tr>
            </tfoot>
          )}
        </table>
      </Scrolled>
    </Panel>
  )
}
