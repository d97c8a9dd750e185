import { useState } from 'react'
import type { ProfileColour, ProfileKindText } from '../../../core/protocol/cluster.ts'
import { toCommandFault } from '../../bridge/fault.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useModel } from '../../use-model.ts'
import { words } from '../../words.ts'
import { ProfileForm } from './profile-form.tsx'

const text = words.connections
const kinds: readonly ProfileKindText[] = ['watch', 'process', 'kafka-local', 'local']

/** Makes a profile of the viewer's own. */
export function NewProfileDialog({ onClose }: { readonly onClose: (made: string | null) => void }) {
  const { client, profiles } = useModel()
  const [title, setTitle] = useState('')
  const [colour, setColour] = useState<ProfileColour | null>(null)
  const [kind, setKind] = useState<ProfileKindText>('watch')
  const [message, setMessage] = useState<string | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const create = async (): Promise<void> => {
    setIsBusy(true)
    try {
      const { name } = await client.request('createProfile', { title, kind, colour })
      await profiles.load()
      onClose(name)
    } catch (error) {
      setMessage(toCommandFault(error).message.replace(/^\/title /, ''))
      setIsBusy(false)
    }
  }
  return (
    <Dialog
      isOpen
      onClose={() => onClose(null)}
      title={text.createTitle}
      text={text.createText}
      actions={
        <>
          <Button onClick={() => onClose(null)}>{text.cancel}</Button>
          <Button look="primary" disabled={isBusy || title.trim() === ''} onClick={() => void create()}>
            {text.createDo}
          </Button>
        </>
      }
    >
      <fieldset className="profile-kinds">
        <legend>{text.kind}</legend>
        {kinds.map((name) => (
          <label key={name} className="profile-kind">
            <input type="radio" name="kind" checked={kind === name} onChange={() => setKind(name)} />
            <span>
              {words.profile.kinds[name].name}
              <span className="profile-hint">{words.profile.kinds[name].does}</span>
            </span>
          </label>
        ))}
      </fieldset>
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
