import { Lock, Plus } from 'lucide-react'
import type { ProfileView } from '../../../core/protocol/cluster.ts'
import { profileRoute } from '../../stores/route.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Panel } from '../../ui/panel.tsx'
import { ProfileMark } from '../../ui/profile-mark.tsx'
import { words } from '../../words.ts'

const text = words.connections

function Entry({ profile, isShown }: { readonly profile: ProfileView; readonly isShown: boolean }) {
  const { colour, eventsFrom, isCurrent, isLocked, kind, lacks, name, title } = profile
  const note = lacks.length > 0 ? words.profile.lacks : (eventsFrom ?? words.profile.kinds[kind].short)
  return (
    <li>
      <a
        href={`#${profileRoute(name)}`}
        className={classNames('profile-entry', isShown && 'profile-shown')}
        {...(isShown ? { 'aria-current': 'true' as const } : {})}
      >
        <ProfileMark colour={colour} />
        <span className="profile-entry-words">
          <span className="profile-entry-head">
            <span className="profile-entry-title">{title}</span>
            {isLocked && <Lock size={13} strokeWidth={1.75} aria-label={words.profile.locked} />}
            {isCurrent && <span className="profile-entry-open">{words.profile.current}</span>}
          </span>
          <span className={lacks.length > 0 ? 'profile-entry-note is-warn' : 'profile-entry-note'}>{note}</span>
        </span>
      </a>
    </li>
  )
}

interface ProfileListProps {
  readonly profiles: readonly ProfileView[]
  readonly shown: string
  /** Null where nothing may be made. */
  readonly onCreate: (() => void) | null
}

/** Every profile, the built-in ones first. */
export function ProfileList({ profiles, shown, onCreate }: ProfileListProps) {
  return (
    <Panel
      className="profile-list"
      title={text.profiles}
      aside={
        onCreate && (
          <Button icon={Plus} onClick={onCreate}>
            {text.create}
          </Button>
        )
      }
    >
      <ul className="profile-entries">
        {profiles.map((profile) => (
          <Entry key={profile.name} profile={profile} isShown={profile.name === shown} />
        ))}
      </ul>
    </Panel>
  )
}
