import { CircleAlert, type LucideIcon, RotateCcw } from 'lucide-react'
import type { CommandFault } from '../bridge/fault.ts'
import { words } from '../words.ts'
import { Button } from './button.tsx'
import './notice.css'

interface EmptyProps {
  readonly icon: LucideIcon
  readonly text: string
  /** What makes it no longer empty. */
  readonly next: string
}

/** There is nothing to show, and why. */
export function Empty({ icon: Icon, text, next }: EmptyProps) {
  return (
    <div className="notice">
      <Icon size={20} strokeWidth={1.5} aria-hidden />
      <p className="notice-text">{text}</p>
      <p className="notice-next">{next}</p>
    </div>
  )
}

/** The first answer has not come yet. Shown after a moment only, so that quick answers do not flicker. */
export function Loading() {
  return (
    <div className="notice notice-late" role="status">
      <p className="notice-next">{words.panel.loading}</p>
    </div>
  )
}

interface FailedProps {
  readonly fault: CommandFault
  readonly onRetry: () => void
}

/** The question failed and there is no earlier answer to show. */
export function Failed({ fault, onRetry }: FailedProps) {
  return (
    <div className="notice" role="alert">
      <CircleAlert size={20} strokeWidth={1.5} className="is-bad" aria-hidden />
      <p className="notice-text">
        {words.panel.failed}: {fault.message}
      </p>
      {fault.hint !== null && <p className="notice-next">{fault.hint}</p>}
      <Button icon={RotateCcw} onClick={onRetry}>
        {words.panel.retry}
      </Button>
    </div>
  )
}

/** Stands in a panel's header while a refresh fails and the last answer is shown. */
export function NotRefreshed({ fault }: { readonly fault: CommandFault | null }) {
  if (fault === null || fault.code === 'disconnected') return null
  return (
    <span className="is-warn" title={fault.message}>
      {words.panel.notRefreshed}
    </span>
  )
}
