import { CopyCheck } from 'lucide-react'
import { useState } from 'react'
import { recordRoute } from '../../stores/route.ts'
import { OutsideText } from '../../ui/outside-text.tsx'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { useFormats, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { sumsRefreshMs, useLedgerNote } from '../quarantine/ledger-note.ts'
import { Pager, pageLength } from '../quarantine/paged-list.tsx'
import '../quarantine/quarantine.css'

const text = words.quality
const refreshMs = 5_000

/** How many there were in all. */
export function ConflictCount() {
  const formats = useFormats()
  const { answer } = usePoll('sumLedgers', '', () => ({}), sumsRefreshMs)
  const rows = answer?.rows.conflicts
  return <span className="tab-count">{rows ? formats.countShort(rows.kept + rows.evicted) : ''}</span>
}

/** Records that came under an id already counted, with another content, newest first. */
export function ConflictList() {
  const formats = useFormats()
  const [offset, setOffset] = useState(0)
  const note = useLedgerNote('conflicts')
  const { answer, fault, reload } = usePoll(
    'listConflicts',
    String(offset),
    () => ({ limit: pageLength, offset }),
    refreshMs,
  )
  if (answer === null) return fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />
  const { entries } = answer
  if (entries.length === 0 && offset === 0) {
    return <Empty icon={CopyCheck} text={text.conflictsEmpty} next={text.conflictsEmptyNext} />
  }
  return (
    <>
      <Scrolled label={text.conflicts}>
        <table className="table table-hover">
          <thead>
            <tr>
              <th scope="col">{text.columns.record}</th>
              <th scope="col">{text.columns.repeatedId}</th>
              <th scope="col" className="number">
                {text.columns.epoch}
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ epoch, id, ref }) => (
              <tr key={ref}>
                <th scope="row" className="table-code">
                  <a className="link" href={`#${recordRoute(ref)}`}>
                    {ref}
                  </a>
                </th>
                <td className="table-code">
                  <OutsideText text={id} />
                </td>
                <td className="number">{formats.count(epoch)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      <Pager offset={offset} count={entries.length} onOffset={setOffset} note={note} />
    </>
  )
}
