import { Notification } from 'electron'
import type { Alert } from '../../core/protocol/board.ts'

/** Tells the user's desktop when an alert begins, and takes that back when it is over. */
export interface Notifications {
  raise(alert: Pick<Alert, 'id' | 'message' | 'storeId'>): void
  resolve(id: string): void
}

/** @param openRoute leads a window to what the alert is about */
export function createNotifications(openRoute: (route: string) => void): Notifications {
  const shown = new Map<string, Notification>()
  return {
    raise({ id, message, storeId }) {
      if (!Notification.isSupported()) return
      const notification = new Notification({ title: 'Storepulse', body: message })
      notification.on('click', () => openRoute(storeId === undefined ? '/overview' : `/stores/${storeId}`))
      notification.on('close', () => shown.delete(id))
      shown.set(id, notification)
      notification.show()
    },
    resolve(id) {
      shown.get(id)?.close()
      shown.delete(id)
    },
  }
}
