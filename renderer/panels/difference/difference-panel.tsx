import { Equal } from 'lucide-react'
import type { DifferenceRow, TableDifference } from '../../../core/protocol/cluster.ts'
import { Instant } from '../../ui/instant.tsx'
import { Empty, NotRefreshed } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Scrolled } from '../../ui/scrolled.tsx'
import { useCurrentProfile, useFormats, useModel, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'
import './difference.css'

const text = words.difference
const everyMs = 5_000
const spanMs = 3_600_000

function Rows({ rows }: { readonly rows: readonly DifferenceRow[] }) {
  const names = text.columns
  return (
    <Scrolled label={text.title}>
      <table className="table difference-table">
        <thead>
          <tr>
            <th scope="col" className="number">
              {names.store}
            </th>
            <th scope="col">{names.minute}</th>
            <th scope="col">{names.what}</th>
            <th scope="col" className="number">
              {names.here}
            </th>
            <th scope="col" className="number">
              {names.there}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.flatMap(({ columns, outcome, startMs, storeId }) =>
            columns.map(({ column, here, there }) => (
              <tr key={`${startMs}/${storeId}/${column}`}>
                <th scope="row" className="number">
                  {storeId}
                </th>
                <td>
                  <Instant atMs={startMs} show="minute" />
                </td>
                <td>
                  {text.columnOf(column)} {outcome === 'differs' ? '' : text.outcomes[outcome]}
                </td>
                <td className="number">{here ?? text.missing}</td>
                <td className="number">{there ?? text.missing}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Scrolled>
  )
}

function Summary({ difference }: { readonly difference: TableDifference }) {
  const formats = useFormats()
  const { differs, latestThereMs, onlyHere, onlyThere, open, same } = difference
  const counts = [
    [text.counts.same, same, ''],
    [text.counts.differs, differs, 'is-bad'],
    [text.counts.onlyThere, onlyThere, 'is-warn'],
    [text.counts.onlyHere, onlyHere, 'is-warn'],
    [text.counts.open, open, ''],
  ] as const
  return (
    <dl className="difference-counts tabular">
      {counts.map(([name, count, tone]) => (
        <div key={name} className={count > 0 ? tone : ''}>
          <dd>{formats.count(count)}</dd>
          <dt>{name}</dt>
        </div>
      ))}
      {latestThereMs !== null && (
        <div>
          <dd>
            <Instant atMs={latestThereMs} show="minute" />
          </dd>
          <dt>{text.latest}</dt>
        </div>
      )}
    </dl>
  )
}

/** Whether the open profile may have a table of somebody else's beside its own numbers. */
export const useHasTable = (): boolean => useCurrentProfile()?.kind === 'watch'

/** The windows of the cluster's own table beside ours, over the last hour; nothing where there is no such table. */
export function DifferencePanel() {
  const model = useModel()
  const formats = useFormats()
  const { answer, fault } = usePoll(
    'compareTables',
    '',
    () => ({ fromMs: Math.floor((model.nowMs() - spanMs) / 60_000) * 60_000, untilMs: model.nowMs() }),
    everyMs,
  )
  if (answer === null) return null
  const { differs, onlyHere, onlyThere, rows, same, table } = answer
  const unequal = differs + onlyHere + onlyThere
  return (
    <Panel
      className="difference"
      title={text.title}
      aside={
        <>
          <NotRefreshed fault={fault} />
          {rows.length < unequal && <span>{text.rows(formats.count(rows.length), formats.count(unequal))}</span>}
          <span className="difference-place">{table}</span>
        </>
      }
    >
      <Summary difference={answer} />
      {rows.length > 0 ? (
        <Rows rows={rows} />
      ) : (
        <Empty icon={Equal} text={same > 0 ? text.all(formats.count(same)) : text.nothing} next={text.nothingNext} />
      )}
    </Panel>
  )
}
