import { useState } from 'react'
import type { ProfileView, SchemaPlanView } from '../../../core/protocol/cluster.ts'
import type { CommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { SchemaDialog } from './schema-dialog.tsx'

const text = words.profile

interface SwitchDialogProps {
  readonly profile: ProfileView
  /** Why an earlier try was refused. */
  readonly fault?: CommandFault | null
  readonly onClose: () => void
}

/** Asks before a profile is opened that is locked or writes to a cluster. */
export function SwitchDialog({ profile, fault: before = null, onClose }: SwitchDialogProps) {
  const { profiles } = useModel()
  const [fault, setFault] = useState<CommandFault | null>(before)
  const [isBusy, setIsBusy] = useState(false)
  const [plan, setPlan] = useState<SchemaPlanView | null>(null)
  const open = async (): Promise<void> => {
    setIsBusy(true)
    const needed = await profiles.planSchema(profile)
    if (needed !== null) return setPlan(needed)
    const refusal = await profiles.switchTo(profile, true)
    setIsBusy(false)
    if (refusal === null) onClose()
    else setFault(refusal)
  }
  if (plan !== null) return <SchemaDialog profile={profile} plan={plan} onClose={onClose} />
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={text.switchTitle(profile.title)}
      text={[
        ...(profile.kind === 'process' ? [text.switchWrites(profile.rowsTo ?? text.kinds.process.name)] : []),
        ...(profile.isLocked ? [text.switchLocked] : []),
      ].join(' ')}
      actions={
        <>
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button look="danger" disabled={isBusy} onClick={() => void open()}>
            {text.switchDo}
          </Button>
        </>
      }
    >
      {fault !== null && (
        <p className="dialog-fault is-bad" role="alert">
          {[fault.message, fault.hint].filter(Boolean).join('; ')}
        </p>
      )}
    </Dialog>
  )
}
