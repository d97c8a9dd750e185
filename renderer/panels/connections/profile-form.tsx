import { useId } from 'react'
import { profileColours, type ProfileColour } from '../../../core/protocol/cluster.ts'
import { ProfileMark } from '../../ui/profile-mark.tsx'
import { Segments } from '../../ui/segments.tsx'
import { words } from '../../words.ts'

const text = words.connections
const none = 'none'

interface ProfileFormProps {
  readonly title: string
  readonly colour: ProfileColour | null
  readonly message: string | null
  readonly onTitle: (title: string) => void
  readonly onColour: (colour: ProfileColour | null) => void
}

/** A profile's title and colour. */
export function ProfileForm({ title, colour, message, onTitle, onColour }: ProfileFormProps) {
  const id = useId()
  return (
    <>
      <div className="profile-row">
        <label htmlFor={id}>{text.title}</label>
        <input
          id={id}
          className="setting-input"
          value={title}
          maxLength={60}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={message !== null}
          aria-describedby={`${id}-note`}
          onChange={({ target }) => onTitle(target.value)}
        />
        <p id={`${id}-note`} className={message === null ? 'profile-hint' : 'profile-hint is-bad'} role="status">
          {message ?? text.titleHint}
        </p>
      </div>
      <div className="profile-row">
        <span>{text.colour}</span>
        <Segments
          label={text.colour}
          value={colour ?? none}
          segments={[
            { value: none, label: <ProfileMark colour={null} />, title: words.profile.noColour },
            ...profileColours.map((name) => ({
              value: name,
              label: <ProfileMark colour={name} />,
              title: words.profile.colours[name],
            })),
          ]}
          onChange={(chosen) => onColour(profileColours.find((name) => name === chosen) ?? null)}
        />
        <p className="profile-hint">{text.colourHint}</p>
      </div>
    </>
  )
}
