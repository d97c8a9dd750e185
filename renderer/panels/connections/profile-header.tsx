import { Lock, LockOpen, Pencil, PlugZap, RotateCcw, Trash } from 'lucide-react'
import { useState } from 'react'
import type { ProfileView } from '../../../core/protocol/cluster.ts'
import { type CommandFault, toCommandFault } from '../../bridge/fault.ts'
import { asksTwice } from '../../stores/profiles-store.ts'
import { pageRoute } from '../../stores/route.ts'
import { goTo } from '../../shell/use-route.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ProfileMark } from '../../ui/profile-mark.tsx'
import { useModel, useProfiles } from '../../use-model.ts'
import { words } from '../../words.ts'
import { SwitchDialog } from '../profile-switcher/switch-dialog.tsx'
import { DeleteProfileDialog } from './delete-profile-dialog.tsx'
import { EditProfileDialog } from './edit-profile-dialog.tsx'

const text = words.connections

type Asked = 'none' | 'switch' | 'edit' | 'delete'

/** Opens a profile, or opens the current one anew. */
function OpenButton({ profile, onAsk, onFault }: ActionProps) {
  const { profiles } = useModel()
  const cannotSwitch = useProfiles(({ answer }) => answer?.cannotSwitch ?? null)
  const isOpening = useProfiles(({ opening }) => opening !== null)
  if (cannotSwitch !== null) return <p className="profile-refusal">{cannotSwitch}</p>
  const open = async (): Promise<void> => {
    if (asksTwice(profile)) onAsk('switch')
    else onFault(await profiles.switchTo(profile, false))
  }
  return (
    <Button
      icon={profile.isCurrent ? RotateCcw : PlugZap}
      look={profile.isCurrent ? 'plain' : 'primary'}
      disabled={isOpening || profile.lacks.length > 0}
      onClick={() => void open()}
    >
      {profile.isCurrent ? text.reopen : text.open}
    </Button>
  )
}

interface ActionProps {
  readonly profile: ProfileView
  readonly onAsk: (what: Asked) => void
  readonly onFault: (fault: CommandFault | null) => void
}

function Actions({ profile, onAsk, onFault }: ActionProps) {
  const { client, profiles } = useModel()
  const setLocked = async (isLocked: boolean): Promise<void> => {
    try {
      await client.request('updateProfile', { profile: profile.name, changes: { isLocked } })
      onFault(null)
    } catch (error) {
      onFault(toCommandFault(error))
    }
    await profiles.load()
  }
  const canDelete = !profile.isBuiltIn && !profile.isCurrent && !profile.isLocked
  return (
    <div className="profile-actions">
      {!profile.isLocked && <IconButton icon={Pencil} label={text.edit} onClick={() => onAsk('edit')} />}
      {canDelete && <IconButton icon={Trash} label={text.delete} onClick={() => onAsk('delete')} />}
      <Button icon={profile.isLocked ? LockOpen : Lock} onClick={() => void setLocked(!profile.isLocked)}>
        {profile.isLocked ? text.unlock : text.lock}
      </Button>
      <OpenButton profile={profile} onAsk={onAsk} onFault={onFault} />
    </div>
  )
}

interface ProfileHeaderProps {
  readonly profile: ProfileView
  readonly isReadOnly: boolean
}

/** What a profile is, what it lacks, and what can be done with it. */
export function ProfileHeader({ profile, isReadOnly }: ProfileHeaderProps) {
  const [asked, setAsked] = useState<Asked>('none')
  const [fault, setFault] = useState<CommandFault | null>(null)
  const close = (): void => setAsked('none')
  const finishDeletion = (isDone: boolean): void => {
    close()
    if (isDone) goTo(pageRoute('connections'))
  }
  return (
    <section className="panel profile-header" aria-label={profile.title}>
      <div className="profile-header-line">
        <ProfileMark colour={profile.colour} />
        <div className="profile-header-words">
          <h2 className="profile-title">{profile.title}</h2>
          <p className="profile-does">{words.profile.kinds[profile.kind].does}</p>
        </div>
        {!isReadOnly && <Actions profile={profile} onAsk={setAsked} onFault={setFault} />}
      </div>
      {profile.lacks.map((lack) => (
        <p key={lack} className="profile-lack is-warn">
          {lack}
        </p>
      ))}
      {profile.isLocked && <p className="profile-lack">{text.locked}</p>}
      {fault !== null && (
        <p className="profile-lack is-bad" role="alert">
          {[fault.message, fault.hint].filter(Boolean).join('; ')}
        </p>
      )}
      {asked === 'switch' && <SwitchDialog profile={profile} onClose={close} />}
      {asked === 'edit' && <EditProfileDialog profile={profile} onClose={close} />}
      {asked === 'delete' && <DeleteProfileDialog profile={profile} onClose={finishDeletion} />}
    </section>
  )
}
