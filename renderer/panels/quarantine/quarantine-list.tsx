import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import type { QuarantineItem } from '../../../core/protocol/commands.ts'
import { recordRoute } from '../../stores/route.ts'
import { Button } from '../../ui/button.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { useBoard, useFormats, usePoll, useWriteRefusal } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useLedgerNote } from './ledger-note.ts'
import { Pager, pageLength } from './paged-list.tsx'
import { PurgeDialog } from './purge-dialog.tsx'
import { ReadmitDialog } from './readmit-dialog.tsx'
import { SelectAllHead, SelectCell } from './selection-cells.tsx'
import { StateCell } from './state-cell.tsx'
import { type Selection, useSelection } from './use-selection.ts'
import './quarantine.css'

const text = words.quality
const refreshMs = 5_000

function Row({ item, selection }: { readonly item: QuarantineItem; readonly selection: Selection | null }) {
  const formats = useFormats()
  return (
    <tr>
      {selection !== null && <SelectCell record={item.ref} selection={selection} />}
      <th scope="row" className="table-code">
        <a className="link" href={`#${recordRoute(item.ref)}`}>
          {item.ref}
        </a>
      </th>
      <td>{words.reasonOf(item.reason)}</td>
      <td className="table-code">{item.path === '' ? words.none : item.path}</td>
      <td className="number">{formats.bytes(item.sizeBytes)}</td>
      <td className="number">
        <Instant atMs={Date.parse(item.seenAt)} />
      </td>
      <StateCell readmittedAt={item.readmittedAt} />
    </tr>
  )
}

/** The rejected records, newest first; they can be looked into, re-admitted and purged. */
export function QuarantineList() {
  const invalid = useBoard(({ board }) => board?.records.invalid ?? 0)
  const refusal = useWriteRefusal()
  const isReadOnly = refusal !== null
  const [offset, setOffset] = useState(0)
  const [asking, setAsking] = useState<'readmit' | 'purge' | null>(null)
  const selection = useSelection()
  const { answer, fault, reload } = usePoll(
    'listQuarantine',
    `${offset} ${invalid > 0}`,
    () => ({ limit: pageLength, offset }),
    refreshMs,
  )
  const note = useLedgerNote('quarantine')
  const entries = answer?.entries ?? []
  const close = (isDone: boolean): void => {
    setAsking(null)
    if (!isDone) return
    selection.clear()
    reload()
  }
  if (answer === null) return fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />
  if (entries.length === 0 && offset === 0) {
    return <Empty icon={ShieldCheck} text={text.quarantineEmpty} next={text.quarantineEmptyNext} />
  }
  const refs = entries.map(({ ref }) => ref)
  const count = selection.refs.length
  return (
    <>
      <Scrolled label={text.quarantine}>
        <table className="table table-hover quarantine-table">
          <thead>
            <tr>
              {!isReadOnly && <SelectAllHead refs={refs} selection={selection} />}
              <th scope="col" className="column-record">
                {text.columns.record}
              </th>
              <th scope="col">{text.columns.reason}</th>
              <th scope="col" className="column-path">
                {text.columns.path}
              </th>
              <th scope="col" className="number column-size">
                {text.columns.size}
              </th>
              <th scope="col" className="number column-seen">
                {text.columns.seen}
              </th>
              <th scope="col" className="column-state">
                {text.columns.state}
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((item) => (
              <Row key={item.ref} item={item} selection={isReadOnly ? null : selection} />
            ))}
          </tbody>
        </table>
      </Scrolled>
      <Pager offset={offset} count={entries.length} onOffset={setOffset} note={note}>
        {isReadOnly ? (
          refusal
        ) : (
          <>
            <Button disabled={count === 0} onClick={() => setAsking('readmit')}>
              {text.readmit(count)}
            </Button>
            <Button look="danger" onClick={() => setAsking('purge')}>
              {count === 0 ? text.purgeAll : text.purge(count)}
            </Button>
          </>
        )}
      </Pager>
      {asking === 'readmit' && <ReadmitDialog refs={selection.refs} from="quarantine" onClose={close} />}
      {asking === 'purge' && <PurgeDialog refs={count === 0 ? null : selection.refs} onClose={close} />}
    </>
  )
}
