import { ClockCheck } from 'lucide-react'
import type { LateStoreItem } from '../../../core/protocol/commands.ts'
import { readCents } from '../../format/formats.ts'
import { Empty, Failed, Loading } from '../../ui/notice.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { StoreLink } from '../../ui/store-link.tsx'
import { useFormats, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import { sumsRefreshMs } from '../quarantine/ledger-note.ts'

const text = words.quality

function Figures({ records, cents, readmitted, readmittedCents }: Sums) {
  const formats = useFormats()
  return (
    <>
      <td className="number">{formats.count(records)}</td>
      <td className="number">{formats.moneyExact(cents)}</td>
      <td className="number">{formats.count(readmitted)}</td>
      <td className="number">{formats.moneyExact(readmittedCents)}</td>
    </>
  )
}

interface Sums {
  readonly records: number
  readonly cents: number
  readonly readmitted: number
  readonly readmittedCents: number
}

const readSums = ({ amount, readmitted, readmittedAmount, records }: LateStoreItem): Sums => ({
  records,
  cents: readCents(amount),
  readmitted,
  readmittedCents: readCents(readmittedAmount),
})

const add = (left: Sums, right: Sums): Sums => ({
  records: left.records + right.records,
  cents: left.cents + right.cents,
  readmitted: left.readmitted + right.readmitted,
  readmittedCents: left.readmittedCents + right.readmittedCents,
})

/** How many sales of each store were late, and how much money: exact, whatever rows the ledger still has. */
export function LateStores() {
  const { answer, fault, reload } = usePoll('sumLedgers', '', () => ({}), sumsRefreshMs)
  if (answer === null) return fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />
  if (answer.late.length === 0) return <Empty icon={ClockCheck} text={text.lateEmpty} next={text.lateEmptyNext} />
  const all = answer.late.map(readSums).reduce(add)
  return (
    <Scrolled label={text.lateStoresTitle}>
      <table className="table table-hover">
        <thead>
          <tr>
            <th scope="col">{text.columns.store}</th>
            <th scope="col" className="number">
              {text.columns.lateRecords}
            </th>
            <th scope="col" className="number">
              {text.columns.lateAmount}
            </th>
            <th scope="col" className="number">
              {text.columns.readmitted}
            </th>
            <th scope="col" className="number">
              {text.columns.readmittedAmount}
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.late.map((store) => (
            <tr key={store.storeId}>
              <th scope="row">
                <StoreLink storeId={store.storeId} />
              </th>
              <Figures {...readSums(store)} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{text.allStores}</th>
            <Figures {...all} />
          </tr>
        </tfoot>
      </table>
    </Scrolled>
  )
}
