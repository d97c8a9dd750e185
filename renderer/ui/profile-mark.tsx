import type { ProfileColour } from '../../core/protocol/cluster.ts'
import './profile-mark.css'

/** The attribute by which an element takes a profile's colour; nothing without one. */
export const colourAttribute = (colour: ProfileColour | null): { readonly 'data-profile-colour'?: ProfileColour } =>
  colour === null ? {} : { 'data-profile-colour': colour }

/** A profile's colour beside its name. */
export function ProfileMark({ colour }: { readonly colour: ProfileColour | null }) {
  return <span className="profile-mark" aria-hidden {...colourAttribute(colour)} />
}
