import { X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { useEffect, useState } from 'react'
import type { Alert } from '../../core/protocol/board.ts'
import { AlertIcon } from '../panels/alerts/alert-icon.tsx'
import { storeRoute } from '../stores/route.ts'
import { useModel } from '../use-model.ts'
import { words } from '../words.ts'
import { goTo } from './use-route.ts'
import './toasts.css'

const shownMs = 12_000
const most = 4

/** Alerts as they begin to fire. They stay in the list on the overview when these are gone. */
export function Toasts() {
  const { board } = useModel()
  const [alerts, setAlerts] = useState<readonly Alert[]>([])
  useEffect(
    () =>
      board.onAlert((alert) =>
        setAlerts((shown) => [...shown.filter(({ id }) => id !== alert.id), alert].slice(-most)),
      ),
    [board],
  )
  const close = (id: string): void => setAlerts((shown) => shown.filter((alert) => alert.id !== id))
  return (
    <Toast.Provider label={words.alerts.region} duration={shownMs} swipeDirection="right">
      {alerts.map(({ id, severity, message, storeId }) => (
        <Toast.Root
          key={id}
          className={`toast toast-${severity}`}
          type={severity === 'critical' ? 'foreground' : 'background'}
          onOpenChange={(isOpen) => !isOpen && close(id)}
        >
          <AlertIcon severity={severity} />
          <Toast.Title className="toast-text">{message}</Toast.Title>
          {storeId !== undefined && (
            <Toast.Action className="button" altText={words.alerts.open} onClick={() => goTo(storeRoute(storeId))}>
              {words.alerts.open}
            </Toast.Action>
          )}
          <Toast.Close className="button button-icon" aria-label={words.alerts.dismiss}>
            <X size={15} strokeWidth={1.75} aria-hidden />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="toasts" />
    </Toast.Provider>
  )
}
