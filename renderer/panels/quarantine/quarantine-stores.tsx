import { ShieldCheck } from 'lucide-react'
import { readCents } from '../../format/formats.ts'
import { storeRoute } from '../../stores/route.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { useFormats, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useLedgerNote } from './ledger-note.ts'
import { Pager } from './paged-list.tsx'
import '../../ui/table.css'

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
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={text.quarantineStoresTitle}>
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
                <th scope="row">
                  {storeId === null ? (
                    text.noStore
                  ) : (
                    <a className="link" href={`#${storeRoute(storeId)}`}>
                      {words.sheet.number(String(storeId))}
                    </a>
                  )}
                </th>
                <td className="number">{formats.count(records)}</td>
                <td className="number">{formats.moneyExact(readCents(amount))}</td>
                <td className="number">{formats.count(withoutAmount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager offset={0} count={0} onOffset={() => undefined} note={note} />
    </>
  )
}
