import { colourAttribute } from '../../ui/profile-mark.tsx'
import { useCurrentProfile } from '../../use-model.ts'
import './profile-switcher.css'

/** The open profile's colour along the window, on every page. */
export function ProfileStrip() {
  const colour = useCurrentProfile()?.colour ?? null
  return colour === null ? null : <div className="profile-strip" aria-hidden {...colourAttribute(colour)} />
}
