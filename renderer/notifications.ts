import type { Alert } from '../core/protocol/board.ts'
import type { Model } from './model.ts'
import { desktop } from './storepulse.ts'
import { storeRoute } from './stores/route.ts'
import { words } from './words.ts'

/** Whether this page can make notifications at all. The desktop app makes its own. */
export const canNotify = desktop === null && 'Notification' in window

/** Whether the viewer has allowed them. */
export const mayNotify = (): boolean => canNotify && Notification.permission === 'granted'

/** Asks the viewer, once; the browser keeps the answer. */
export const askToNotify = async (): Promise<boolean> => (await Notification.requestPermission()) === 'granted'

function notify({ id, message, storeId }: Alert): Notification | null {
  try {
    const notification = new Notification(words.product, { body: message, tag: id })
    notification.addEventListener('click', () => {
      window.focus()
      if (storeId !== undefined) window.location.hash = storeRoute(storeId)
    })
    return notification
  } catch {
    // A phone's browser has the name alone. The alert is on the page all the same.
    return null
  }
}

/** Shows alerts as notifications of the system as they begin to fire, and takes them back when they are resolved. */
export function notifyOfAlerts({ board, view }: Model): void {
  if (!canNotify) return
  const shown = new Map<string, Notification>()
  board.onAlert((alert) => {
    const notification = view.getState().notify && mayNotify() ? notify(alert) : null
    if (notification !== null) shown.set(alert.id, notification)
  })
  board.subscribe(({ board: now }, { board: before }) => {
    if (now === null || now === before) return
    for (const [id, notification] of shown) {
      if (now.alerts.some((alert) => alert.id === id)) continue
      notification.close()
      shown.delete(id)
    }
  })
}
