import { ClockCheck } from 'lucide-react'
import { useState } from 'react'
import type { LateItem } from '../../../core/protocol/commands.ts'
import { readCents } from '../../format/formats.ts'
import { Button } from '../../ui/button.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { OutsideText } from '../../ui/outside-text.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { StoreLink } from '../../ui/store-link.tsx'
import { useBoard, useFormats, usePoll, useWriteRefusal } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useLedgerNote } from '../quarantine/ledger-note.ts'
import { Pager, pageLength } from '../quarantine/paged-list.tsx'
import { ReadmitDialog } from '../quarantine/readmit-dialog.tsx'
import { SelectAllHead, SelectCell } from '../quarantine/selection-cells.tsx'
import { StateCell } from '../quarantine/state-cell.tsx'
import { type Selection, useSelection } from '../quarantine/use-selection.ts'
import '../quarantine/quarantine.css'
import './late.css'

const text = words.quality
const refreshMs = 5_000

function Row({ item, selection }: { readonly item: LateItem; readonly selection: Selection | null }) {
  const formats = useFormats()
  return (
    <tr>
      {selection !== null && <SelectCell record={item.ref} selection={selection} />}
      <th scope="row" className="table-code">
        {item.ref}
      </th>
      <td>
        <StoreLink storeId={item.storeId} />
      </td>
      <td className="table-code">
        <OutsideText text={item.transactionId} />
      </td>
      <td className="number">
        <Instant atMs={Date.parse(item.eventTime)} />
      </td>
      <td className="number">{formats.duration(item.latenessMs)}</td>
      <td className="number">{formats.moneyExact(readCents(item.amount))}</td>
      <StateCell readmittedAt={item.readmittedAt} />
    </tr>
  )
}

/** The records that came too late, newest first; they can be counted after all. */
export function LateList() {
  const late = useBoard(({ board }) => board?.records.late ?? 0)
  const refusal = useWriteRefusal()
  const isReadOnly = refusal !== null
  const [offset, setOffset] = useState(0)
  const [isAsking, setIsAsking] = useState(false)
  const selection = useSelection()
  const { answer, fault, reload } = usePoll(
    'listLate',
    `${offset} ${late > 0}`,
    () => ({ limit: pageLength, offset }),
    refreshMs,
  )
  const note = useLedgerNote('late')
  const entries = answer?.entries ?? []
  const close = (isDone: boolean): void => {
    setIsAsking(false)
    if (!isDone) return
    selection.clear()
    reload()
  }
  if (answer === null) return fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />
  if (entries.length === 0 && offset === 0)
    return <Empty icon={ClockCheck} text={text.lateEmpty} next={text.lateEmptyNext} />
  const refs = entries.map(({ ref }) => ref)
  const count = selection.refs.length
  return (
    <>
      <Scrolled label={text.late}>
        <table className="table table-hover late-table">
          <thead>
            <tr>
              {!isReadOnly && <SelectAllHead refs={refs} selection={selection} />}
              <th scope="col" className="column-late-record">
                {text.columns.record}
              </th>
              <th scope="col">{text.columns.store}</th>
              <th scope="col">{text.columns.transaction}</th>
              <th scope="col" className="number">
                {text.columns.eventTime}
              </th>
              <th scope="col" className="number">
                {text.columns.lateness}
              </th>
              <th scope="col" className="number">
                {text.columns.amount}
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
          <Button disabled={count === 0} onClick={() => setIsAsking(true)}>
            {text.readmit(count)}
          </Button>
        )}
      </Pager>
      {isAsking && <ReadmitDialog refs={selection.refs} from="late" onClose={close} />}
    </>
  )
}
