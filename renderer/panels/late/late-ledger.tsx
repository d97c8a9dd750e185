import { useState } from 'react'
import { Segments } from '../../ui/segments.tsx'
import { words } from '../../words.ts'
import { LateList } from './late-list.tsx'
import { LateStores } from './late-stores.tsx'
import './late.css'

const text = words.quality

/** What came too late: record by record, or what it comes to in each store. */
export function LateLedger() {
  const [look, setLook] = useState<'records' | 'stores'>('records')
  return (
    <>
      <div className="late-look">
        <Segments
          label={text.lateLook}
          value={look}
          segments={[
            { value: 'records', label: text.lateRecords, title: text.lateRecordsTitle },
            { value: 'stores', label: text.lateStores, title: text.lateStoresTitle },
          ]}
          onChange={setLook}
        />
      </div>
      {look === 'records' ? <LateList /> : <LateStores />}
    </>
  )
}
