import { BellOff } from 'lucide-react'
import type { AlertHistoryItem } from '../../../core/protocol/views.ts'
import { storeRoute } from '../../stores/route.ts'
import { Instant } from '../../ui/instant.tsx'
import { Empty, Failed, Loading, NotRefreshed } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useBoard, useFormats, usePoll, useSession } from '../../use-model.ts'
import { words } from '../../words.ts'
import { AlertIcon } from './alert-icon.tsx'
import './alerts.css'

const text = words.alerts
const shown = 30
const refreshMs = 15_000

function Entry({ alert }: { readonly alert: AlertHistoryItem }) {
  const formats = useFormats()
  const nowMs = useSession((session) => session.nowMs)
  const sinceMs = Date.parse(alert.since)
  const resolvedMs = alert.resolvedAt === null ? null : Date.parse(alert.resolvedAt)
  const message = alert.storeId === null ? alert.message : <a href={`#${storeRoute(alert.storeId)}`}>{alert.message}</a>
  return (
    <li className="alert">
      <AlertIcon severity={alert.severity} isResolved={resolvedMs !== null} />
      <div className="alert-text">
        <p className="alert-message">{message}</p>
        <p className="alert-note tabular">
          {resolvedMs === null
            ? text.since(formats.duration(Math.max(0, (nowMs ?? sinceMs) - sinceMs)))
            : text.resolved(formats.minute(resolvedMs))}
        </p>
      </div>
      <span className="alert-time">
        <Instant atMs={sinceMs} show="minute" />
      </span>
    </li>
  )
}

/** What is wrong now, and what was. */
export function AlertsPanel() {
  const firing = useBoard(({ board }) => board?.alerts.map((alert) => alert.id).join(' ') ?? '')
  const firingCount = useBoard(({ board }) => board?.alerts.length ?? 0)
  // Asked again at each transition, which the feed tells.
  const { answer, fault, reload } = usePoll('alertHistory', firing, () => ({ limit: shown }), refreshMs)
  return (
    <Panel
      className="alerts"
      title={text.title}
      aside={
        <>
          <NotRefreshed fault={answer === null ? null : fault} />
          <span className={firingCount > 0 ? 'is-bad' : ''}>{text.firing(firingCount)}</span>
        </>
      }
    >
      {answer === null && (fault === null ? <Loading /> : <Failed fault={fault} onRetry={reload} />)}
      {answer?.alerts.length === 0 && <Empty icon={BellOff} text={text.empty} next={text.emptyNext} />}
      {answer !== null && answer.alerts.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        <ul className="alert-list" tabIndex={0} aria-label={text.title}>
          {answer.alerts.map((alert) => (
            <Entry key={`${alert.id} ${alert.since}`} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  )
}
