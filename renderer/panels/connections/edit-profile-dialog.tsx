import { useState } from 'react'
import type { ProfileView } from '../../../core/protocol/cluster.ts'
import { toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { ProfileForm } from './profile-form.tsx'

const text = words.connections

/** Changes a profile's title and colour. */
export function EditProfileDialog({
  profile,
  onClose,
}: {
  readonly profile: ProfileView
  readonly onClose: () => void
}) {
  const { client, profiles } = useModel()
  const [title, setTitle] = useState(profile.title)
  const [colour, setColour] = useState(profile.colour)
  const [message, setMessage] = useState<string | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const save = async (): Promise<void> => {
    setIsBusy(true)
    const changes = {
      ...(title === profile.title ? {} : { title }),
      ...(colour === profile.colour ? {} : { colour }),
    }
    try {
      await client.request('updateProfile', { profile: profile.name, changes })
      await profiles.load()
      onClose()
    } catch (error) {
      setMessage(toCommandFault(error).message.replace(/^\/title /, ''))
      setIsBusy(false)
    }
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={profile.title}
      actions={
        <>
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button look="primary" disabled={isBusy || title.trim() === ''} onClick={() => void save()}>
            {text.editDo}
          </Button>
        </>
      }
    >
      <ProfileForm
        title={title}
        colour={colour}
        message={message}
        onTitle={(typed) => {
          setTitle(typed)
          setMessage(null)
        }}
        onColour={setColour}
      />
    </Dialog>
  )
}
