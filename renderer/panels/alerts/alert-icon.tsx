import { CircleCheck, OctagonExclamationPoint, TriangleExclamationPoint } from 'lucide-react'
import { words } from '../../words.ts'

interface AlertIconProps {
  readonly severity: 'warning' | 'critical'
  readonly isResolved?: boolean
}

/** Severity by shape and colour, and by word for those who see neither. */
export function AlertIcon({ severity, isResolved = false }: AlertIconProps) {
  const Icon = isResolved ? CircleCheck : severity === 'critical' ? OctagonExclamationPoint : TriangleExclamationPoint
  const tone = isResolved ? 'is-good' : severity === 'critical' ? 'is-bad' : 'is-warn'
  return (
    <span className={`alert-icon ${tone}`}>
      <Icon size={15} strokeWidth={1.75} aria-hidden />
      <span className="visually-hidden">{words.alerts.severity[severity]}</span>
    </span>
  )
}
