import { useRef } from 'react'

/** What a dialog that opens without a trigger of its own needs to give the focus back. */
export interface FocusReturn {
  readonly onOpenAutoFocus: () => void
  readonly onCloseAutoFocus: (event: Event) => void
}

/** Remembers what had the focus when a dialog opened, and gives it back when it closes. */
export function useFocusReturn(): FocusReturn {
  const before = useRef<Element | null>(null)
  return {
    onOpenAutoFocus() {
      before.current = document.activeElement
    },
    onCloseAutoFocus(event) {
      event.preventDefault()
      const target = before.current
      if (target instanceof HTMLElement && target.isConnected) target.focus()
    },
  }
}
