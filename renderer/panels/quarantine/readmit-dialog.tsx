import { useState } from 'react'
import type { ReadmitAnswer } from '../../../core/protocol/commands.ts'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { OutsideText } from '../../ui/outside-text.tsx'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useLockGuard } from '../profile-switcher/lock-guard.tsx'

const text = words.quality

interface ReadmitDialogProps {
  readonly refs: readonly string[]
  readonly from: 'late' | 'quarantine'
  /** Called when it is closed; `isDone` tells whether anything was re-admitted. */
  readonly onClose: (isDone: boolean) => void
}

const tones = { readmitted: 'is-good', already: 'is-warn', refused: 'is-bad' } as const

function Results({ results }: ReadmitAnswer) {
  return (
    <ul className="readmit-results">
      {results.map(({ ref, outcome, reason }) => (
        <li key={ref} className="readmit-result">
          <code>{ref}</code>
          <span className={tones[outcome]}>{text.outcomeOf[outcome]}</span>
          {reason !== null && (
            <span className="readmit-reason">
              <OutsideText text={reason} most={400} />
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Asks before records are re-admitted, and says what became of each. */
export function ReadmitDialog({ refs, from, onClose }: ReadmitDialogProps) {
  const { client } = useModel()
  const [answer, setAnswer] = useState<ReadmitAnswer | null>(null)
  const [fault, setFault] = useState<CommandFault | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const guard = useLockGuard()
  const run = async (): Promise<void> => {
    setIsBusy(true)
    try {
      setAnswer(await client.request('readmit', { refs, from, isConfirmed: guard.isConfirmed }))
      setFault(null)
    } catch (error) {
      setFault(toCommandFault(error))
    } finally {
      setIsBusy(false)
    }
  }
  const close = (): void => onClose(answer !== null)
  return (
    <Dialog
      isOpen
      onClose={close}
      title={answer === null ? text.readmitTitle(refs.length) : text.readmitResult}
      {...(answer === null ? { text: text.readmitText } : {})}
      actions={
        answer === null ? (
          <>
            <Button onClick={close}>{text.cancel}</Button>
            <Button look="primary" disabled={isBusy || !guard.isClear} onClick={() => void run()}>
              {text.readmitDo}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={close}>
            {text.close}
          </Button>
        )
      }
    >
      {answer !== null && <Results {...answer} />}
      {answer === null && guard.box}
      {fault !== null && (
        <p className="dialog-fault is-bad" role="alert">
          {[fault.message, fault.hint].filter(Boolean).join('; ')}
        </p>
      )}
    </Dialog>
  )
}
