import { Check, ChevronDown, Lock } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import type { ProfileView } from '../../../core/protocol/cluster.ts'
import { asksTwice } from '../../stores/profiles-store.ts'
import { isViewOnly } from '../../stores/session-store.ts'
import { pageRoute } from '../../stores/route.ts'
import { goTo } from '../../shell/use-route.ts'
import { ProfileMark } from '../../ui/profile-mark.tsx'
import { useCurrentProfile, useModel, useProfiles, useSession } from '../../use-model.ts'
import { words } from '../../words.ts'
import { SwitchDialog } from './switch-dialog.tsx'
import '../../ui/menu.css'
import './profile-switcher.css'

const text = words.profile

interface EntryProps {
  readonly profile: ProfileView
  readonly isDisabled: boolean
  readonly onOpen: (profile: ProfileView) => void
}

function Entry({ profile, isDisabled, onOpen }: EntryProps) {
  const { colour, isCurrent, isLocked, kind, lacks, title } = profile
  const note = isCurrent ? text.current : lacks.length > 0 ? text.lacks : text.kinds[kind].short
  return (
    <DropdownMenu.Item
      className="menu-item"
      disabled={isDisabled || isCurrent || lacks.length > 0}
      title={lacks[0] ?? text.kinds[kind].does}
      onSelect={() => onOpen(profile)}
    >
      <ProfileMark colour={colour} />
      <span className="menu-item-words">{title}</span>
      {isLocked && <Lock size={12} strokeWidth={2} aria-label={text.locked} />}
      <span className="menu-item-note">{note}</span>
      {isCurrent && <Check size={14} strokeWidth={2} aria-hidden />}
    </DropdownMenu.Item>
  )
}

/** What is open, by name and colour, and the way to another profile. */
export function ProfileSwitcher() {
  const { profiles } = useModel()
  const answer = useProfiles((state) => state.answer)
  const current = useCurrentProfile()
  const fallback = useSession(({ owner }) => (owner === null ? words.product : words.profileOf(owner.profile)))
  const mayOnlyLook = useSession(isViewOnly)
  const [asked, setAsked] = useState<ProfileView | null>(null)
  const title = current?.title ?? fallback
  const open = async (profile: ProfileView): Promise<void> => {
    if (asksTwice(profile)) return setAsked(profile)
    const refusal = await profiles.switchTo(profile, false)
    // What changed meanwhile, such as a lock, shows in the list; the dialog tells the rest.
    if (refusal !== null) setAsked(profile)
    await profiles.load()
  }
  const refusal = mayOnlyLook ? words.connections.viewOnly : (answer?.cannotSwitch ?? null)
  return (
    <>
      <DropdownMenu.Root modal={false} onOpenChange={(isOpen) => isOpen && void profiles.load()}>
        <DropdownMenu.Trigger className="profile-button" aria-label={text.menu(title)} disabled={answer === null}>
          {current !== null && current.colour !== null && <ProfileMark colour={current.colour} />}
          <span className="profile-button-name">{title}</span>
          {current?.isLocked === true && <Lock size={12} strokeWidth={2} aria-label={text.locked} />}
          <ChevronDown size={14} strokeWidth={1.75} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="start" sideOffset={6} collisionPadding={8}>
            <DropdownMenu.Label className="menu-heading">{text.heading}</DropdownMenu.Label>
            {answer?.profiles.map((profile) => (
              <Entry
                key={profile.name}
                profile={profile}
                isDisabled={refusal !== null}
                onOpen={(chosen) => void open(chosen)}
              />
            ))}
            {refusal !== null && <p className="menu-note">{refusal}</p>}
            <DropdownMenu.Separator className="menu-line" />
            <DropdownMenu.Item className="menu-item" onSelect={() => goTo(pageRoute('connections'))}>
              <span className="menu-item-words">{text.manage}</span>
              <kbd className="field-key">5</kbd>
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {asked !== null && <SwitchDialog profile={asked} onClose={() => setAsked(null)} />}
    </>
  )
}
