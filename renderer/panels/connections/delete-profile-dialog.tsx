import { useState } from 'react'
import type { ProfileView } from '../../../core/protocol/cluster.ts'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'

const text = words.connections

interface DeleteProfileDialogProps {
  readonly profile: ProfileView
  readonly onClose: (isDone: boolean) => void
}

/** Asks before a profile of the viewer's own goes. */
export function DeleteProfileDialog({ profile, onClose }: DeleteProfileDialogProps) {
  const { client, profiles } = useModel()
  const [fault, setFault] = useState<CommandFault | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const run = async (): Promise<void> => {
    setIsBusy(true)
    try {
      await client.request('deleteProfile', { profile: profile.name })
      await profiles.load()
      onClose(true)
    } catch (error) {
      setFault(toCommandFault(error))
      setIsBusy(false)
    }
  }
  return (
    <Dialog
      isOpen
      onClose={() => onClose(false)}
      title={text.deleteTitle(profile.title)}
      text={text.deleteText(profile.name)}
      actions={
        <>
          <Button onClick={() => onClose(false)}>{text.cancel}</Button>
          <Button look="danger" disabled={isBusy} onClick={() => void run()}>
            {text.deleteDo}
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
