import { Store, TriangleExclamationPoint } from 'lucide-react'
import type { StoreSummary } from '../../../core/protocol/views.ts'
import { Sparkline } from '../../charts/sparkline.tsx'
import { dayMs } from '../../stores/range.ts'
import { storeRoute } from '../../stores/route.ts'
import { Change } from '../../ui/change.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Empty, Failed, Loading, NotRefreshed } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useFormats, usePoll, useSession } from '../../use-model.ts'
import { useSpan } from '../../use-span.ts'
import { words } from '../../words.ts'
import './leaderboard.css'

const text = words.leaderboard
const mostRows = 10
const refreshMs = 2_000

function Row({ store }: { readonly store: StoreSummary }) {
  const formats = useFormats()
  const nowMs = useSession((session) => session.nowMs)
  const { silentSinceMs } = store
  const isSilent = silentSinceMs !== null
  return (
    <tr className={classNames('leader', isSilent && 'leader-silent')}>
      <th scope="row" className="leader-name">
        <a href={`#${storeRoute(store.id)}`} className="leader-link" title={store.name}>
          {isSilent && <TriangleExclamationPoint size={14} strokeWidth={1.75} className="is-bad" aria-hidden />}
          <span className="leader-text">{store.name}</span>
        </a>
      </th>
      <td className="leader-trend">
        <Sparkline values={store.sparkline} tone={isSilent ? 'bad' : 'accent'} />
      </td>
      <td className="leader-number">
        {store.isClosed ? (
          <span className="store-closed">{text.closed}</span>
        ) : (
          formats.moneyFit(store.cents, 1_000_000)
        )}
      </td>
      <td className="leader-number">{formats.countShort(store.transactions)}</td>
      <td className="leader-number">
        {isSilent ? (
          <span className="is-bad">
            {text.silent(formats.duration(Math.max(0, (nowMs ?? silentSinceMs) - silentSinceMs)))}
          </span>
        ) : (
          <Change value={store.cents} compared={store.comparedCents} />
        )}
      </td>
    </tr>
  )
}

/** The stores that sell most over the range, those in trouble first. */
export function Leaderboard() {
  const formats = useFormats()
  const { range, bounds } = useSpan()
  const { answer, fault, reload, isOutdated } = usePoll(
    'stores',
    range,
    () => ({
      ...bounds(),
      compareMs: dayMs,
      sort: 'revenue',
      descending: true,
      filter: '',
      offset: 0,
      limit: mostRows,
    }),
    refreshMs,
  )
  const title = text.title(words.ranges[range].long)
  if (answer === null) {
    return (
      <Panel title={title} className="leaderboard">
        {fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />}
      </Panel>
    )
  }
  return (
    <Panel
      className="leaderboard"
      title={title}
      aside={
        <>
          <NotRefreshed fault={fault} />
          <a href="#/stores" className="link">
            {text.summary(formats.count(answer.total), answer.total, answer.silent)}
          </a>
        </>
      }
    >
      {answer.rows.length === 0 ? (
        <Empty icon={Store} text={text.empty} next={text.emptyNext} />
      ) : (
        <table className="leaders" aria-busy={isOutdated}>
          <thead>
            <tr>
              <th scope="col">{text.store}</th>
              <th scope="col">{text.trend}</th>
              <th scope="col" className="leader-number">
                {text.revenue}
              </th>
              <th scope="col" className="leader-number">
                {text.sales}
              </th>
              <th scope="col" className="leader-number">
                {text.change}
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((store) => (
              <Row key={store.id} store={store} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
