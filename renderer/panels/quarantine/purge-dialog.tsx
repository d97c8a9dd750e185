import { useState } from 'react'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useFormats, useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { useLockGuard } from '../profile-switcher/lock-guard.tsx'

const text = words.quality

interface PurgeDialogProps {
  /** Null = the whole quarantine. */
  readonly refs: readonly string[] | null
  readonly onClose: (isDone: boolean) => void
}

/** Asks before records leave quarantine for good, and says how many did. */
export function PurgeDialog({ refs, onClose }: PurgeDialogProps) {
  const { client } = useModel()
  const formats = useFormats()
  const [purged, setPurged] = useState<number | null>(null)
  const [fault, setFault] = useState<CommandFault | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const guard = useLockGuard()
  const run = async (): Promise<void> => {
    setIsBusy(true)
    try {
      setPurged((await client.request('purgeQuarantine', { refs, isConfirmed: guard.isConfirmed })).purged)
      setFault(null)
    } catch (error) {
      setFault(toCommandFault(error))
    } finally {
      setIsBusy(false)
    }
  }
  const close = (): void => onClose(purged !== null)
  return (
    <Dialog
      isOpen
      onClose={close}
      title={text.purgeTitle(refs === null ? null : refs.length)}
      text={purged === null ? text.purgeText : text.purged(formats.count(purged), purged)}
      actions={
        purged === null ? (
          <>
            <Button onClick={close}>{text.cancel}</Button>
            <Button look="danger" disabled={isBusy || !guard.isClear} onClick={() => void run()}>
              {text.purgeDo}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={close}>
            {text.close}
          </Button>
        )
      }
    >
      {purged === null && guard.box}
      {fault !== null && (
        <p className="dialog-fault is-bad" role="alert">
          {[fault.message, fault.hint].filter(Boolean).join('; ')}
        </p>
      )}
    </Dialog>
  )
}
