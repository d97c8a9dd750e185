import { CircleCheck, CircleX, LoaderCircle, type LucideIcon, TriangleExclamationPoint, X } from 'lucide-react'
import type { FindingView } from '../../../core/protocol/cluster.ts'
import { IconButton } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { words } from '../../words.ts'
import type { Check } from './use-check.ts'

const text = words.connections

const marks: Readonly<Record<FindingView['verdict'], { readonly icon: LucideIcon; readonly tone: string }>> = {
  ok: { icon: CircleCheck, tone: 'is-good' },
  warning: { icon: TriangleExclamationPoint, tone: 'is-warn' },
  failed: { icon: CircleX, tone: 'is-bad' },
}

function Step({ finding }: { readonly finding: FindingView }) {
  const { icon: Icon, tone } = marks[finding.verdict]
  return (
    <li className="check-step">
      <span className={`check-mark ${tone}`}>
        <Icon size={15} strokeWidth={1.75} aria-hidden />
        <span className="visually-hidden">{text.verdicts[finding.verdict]}</span>
      </span>
      <span className="check-name">{finding.step}</span>
      <div className="check-words">
        <p>{finding.message}</p>
        {finding.fix !== null && <p className="check-fix">{finding.fix}</p>}
      </div>
    </li>
  )
}

function summarise({ findings, fault, state }: Check): string {
  if (state === 'running') return text.testing
  if (fault !== null) return [fault.message, fault.hint].filter(Boolean).join('; ')
  const count = (verdict: FindingView['verdict']): number =>
    findings.filter((found) => found.verdict === verdict).length
  return text.testDone(count('failed'), count('warning'))
}

/** The steps of a test, each with its mark as it comes, and what to do where one failed. */
export function CheckPanel({ check }: { readonly check: Check }) {
  const hasFailed = check.fault !== null || check.findings.some(({ verdict }) => verdict === 'failed')
  const tone = check.state === 'running' ? '' : hasFailed ? 'is-bad' : 'is-good'
  return (
    <Panel
      className="check"
      title={text.testTitle}
      aside={<IconButton icon={X} label={text.testClose} className="check-close" onClick={check.close} />}
    >
      {check.findings.length > 0 && (
        <ol className="check-steps">
          {check.findings.map((finding, index) => (
            // Steps only ever follow each other.
            // oxlint-disable-next-line react/no-array-index-key -- two steps may say the same
            <Step key={index} finding={finding} />
          ))}
        </ol>
      )}
      <p className={`check-summary ${tone}`} role="status">
        {check.state === 'running' && (
          <LoaderCircle size={14} strokeWidth={1.75} className="check-spinner" aria-hidden />
        )}
        {summarise(check)}
        {check.state === 'running' && <span className="is-faint">{text.testWith}</span>}
      </p>
    </Panel>
  )
}
