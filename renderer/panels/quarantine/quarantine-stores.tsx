import { ShieldCheck } from 'lucide-react'
import { readCents } from '../../format/formats.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { StoreLink } from '../../ui/store-link.tsx'
import { useFormats, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useLedgerNote } from './ledger-note.ts'
import { Pager } from './paged-list.tsx'

const text = words.quality

/** How many of the sales in quarantine name each store, and what they come to; read once, since every row is looked at. */
export function QuarantineStores() {
  const formats = useFormats()
  const note = useLedgerNote('quarantine')
  const { answer, fault, reload } = usePoll('sumQuarantine', '', () => ({}), null)
  if (answer === null) return fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />
  if (answer.stores.length === 0) {
    return <Empty icon={ShieldCheck} text={text.quarantineEmpty} next={text.quarantineEmptyNext} />
  }
  return (
    <>
      <Scrolled label={text.quarantineStoresTitle}>
        <table className="table table-hover">
          <thead>
            <tr>
              <th scope="col">{text.columns.store}</th>
              <th scope="col" className="number">
                {text.columns.rejected}
              </th>
              <th scope="col" className="number">
                {text.columns.amount}
              </th>
              <th scope="col" className="number">
                {text.columns.withoutAmount}
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.stores.map(({ amount, records, storeId, withoutAmount }) => (
              <tr key={storeId ?? 'none'}>
                <th scope="row">{storeId === null ? text.noStore : <StoreLink storeId={storeId} />}</th>
                <td className="number">{formats.count(records)}</td>
                <td className="number">{formats.moneyExact(readCents(amount))}</td>
                <td className="number">{formats.count(withoutAmount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      <Pager offset={0} count={0} onOffset={() => undefined} note={note} />
    </>
  )
}
