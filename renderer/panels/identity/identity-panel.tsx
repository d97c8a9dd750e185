import { useBoard, useFormats } from '../../use-model.ts'
import { Term } from '../../ui/hint.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Track } from '../../ui/track.tsx'
import { words } from '../../words.ts'
import { IdentityMark } from './identity-mark.tsx'
import './identity.css'

const text = words.identity
const exceptions = ['late', 'duplicate', 'invalid', 'tombstone'] as const
const tones = { late: 'warn', duplicate: 'plain', invalid: 'bad', tombstone: 'plain' } as const

function Counted({ received }: { readonly received: string }) {
  const [counted, unit] = text.counted(received)
  return (
    <>
      {counted} <span className="identity-unit">{unit}</span>
    </>
  )
}

/** received = counted + late + duplicate + invalid + tombstone. The exceptions are drawn to their own scale. */
export function IdentityPanel() {
  const formats = useFormats()
  const records = useBoard(({ board }) => board?.records ?? null)
  const largest = records === null ? 0 : Math.max(...exceptions.map((outcome) => records[outcome]))
  return (
    <Panel
      className="identity"
      title={<Term why={text.why}>{text.title}</Term>}
      aside={records === null ? words.none : <IdentityMark records={records} />}
    >
      <p className="identity-counted tabular">
        <strong>{records === null ? words.none : formats.count(records.counted)}</strong>{' '}
        {records !== null && <Counted received={formats.count(records.received)} />}
      </p>
      <ul className="exceptions">
        {exceptions.map((outcome) => (
          <li key={outcome} className="exception">
            <span>{text.rows[outcome]}</span>
            <span className="exception-count tabular">
              {records === null ? words.none : formats.countShort(records[outcome])}
            </span>
            <Track length={records === null || largest === 0 ? 0 : records[outcome] / largest} tone={tones[outcome]} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
