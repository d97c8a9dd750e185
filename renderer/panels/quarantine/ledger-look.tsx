import { type ReactNode, useState } from 'react'
import { Segments } from '../../ui/segments.tsx'
import { words } from '../../words.ts'
import './quarantine.css'

const text = words.quality

interface LedgerLookProps {
  readonly label: string
  readonly recordsTitle: string
  readonly storesTitle: string
  readonly records: ReactNode
  readonly stores: ReactNode
}

/** A ledger record by record, or what it comes to in each store. */
export function LedgerLook({ label, records, recordsTitle, stores, storesTitle }: LedgerLookProps) {
  const [look, setLook] = useState<'records' | 'stores'>('records')
  return (
    <>
      <div className="ledger-look">
        <Segments
          label={label}
          value={look}
          segments={[
            { value: 'records', label: text.byRecord, title: recordsTitle },
            { value: 'stores', label: text.byStore, title: storesTitle },
          ]}
          onChange={setLook}
        />
      </div>
      {look === 'records' ? records : stores}
    </>
  )
}
