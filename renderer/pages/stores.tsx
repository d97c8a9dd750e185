import { useState } from 'react'
import { StoreAreas } from '../panels/store-charts/store-areas.tsx'
import { StoreHeat } from '../panels/store-charts/store-heat.tsx'
import { StoreSheet } from '../panels/store-sheet/store-sheet.tsx'
import { StoreTable } from '../panels/store-table/store-table.tsx'
import { StoreTools } from '../panels/store-table/store-tools.tsx'
import { useStoreRows } from '../panels/store-table/use-store-rows.ts'
import { NotRefreshed } from '../ui/notice.tsx'
import { useFormats, useView } from '../use-model.ts'
import { words } from '../words.ts'
import './stores.css'

const text = words.stores

/** How many there are and how many are in trouble, of which span. */
function Summary({ total, silent }: { readonly total: number | null; readonly silent: number }) {
  const formats = useFormats()
  const range = useView((view) => view.range)
  return (
    <p className="stores-summary">
      {total !== null && <strong>{text.count(formats.count(total), total)}</strong>}
      {silent > 0 && <strong className="is-bad">{text.silentCount(formats.count(silent))}</strong>}
      <span>{words.ranges[range].long}</span>
    </p>
  )
}

/** All stores, in three looks, and one of them in full. */
export function Stores({ storeId }: { readonly storeId: number | null }) {
  const mode = useView((view) => view.stores.mode)
  const [first, setFirst] = useState(0)
  const rows = useStoreRows(first)
  return (
    <div className="stores">
      <div className="stores-bar">
        <Summary total={rows.total} silent={rows.silent} />
        <NotRefreshed fault={rows.total === null ? null : rows.fault} />
        <StoreTools />
      </div>
      <section className="panel stores-panel" aria-label={text.title}>
        {mode === 'table' && <StoreTable rows={rows} openId={storeId} onFirst={setFirst} />}
        {mode === 'chart' && <StoreAreas />}
        {mode === 'heat' && <StoreHeat />}
      </section>
      {storeId !== null && <StoreSheet storeId={storeId} />}
    </div>
  )
}
