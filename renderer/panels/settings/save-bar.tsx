import { Button } from '../../ui/button.tsx'
import { words } from '../../words.ts'

const text = words.settings

interface SaveBarProps {
  readonly editCount: number
  readonly isBusy: boolean
  /** What the last save came to, until the next edit. */
  readonly outcome: { readonly text: string; readonly isBad: boolean } | null
  readonly onSave: () => void
  readonly onDiscard: () => void
}

/** Unsaved changes, and what became of the last ones. Always there, so that nothing shifts. */
export function SaveBar({ editCount, isBusy, outcome, onSave, onDiscard }: SaveBarProps) {
  return (
    <div className="save-bar">
      <p className="save-outcome" role="status">
        {outcome !== null && <span className={outcome.isBad ? 'is-bad' : 'is-good'}>{outcome.text}</span>}
        {outcome === null && editCount > 0 && text.unsaved(editCount)}
      </p>
      <Button disabled={editCount === 0 || isBusy} onClick={onDiscard}>
        {text.discard}
      </Button>
      <Button look="primary" disabled={editCount === 0 || isBusy} onClick={onSave}>
        {text.save}
      </Button>
    </div>
  )
}
