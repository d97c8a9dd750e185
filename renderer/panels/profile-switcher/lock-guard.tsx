import { type ReactNode, useState } from 'react'
import { useCurrentProfile } from '../../use-model.ts'
import { words } from '../../words.ts'
import './profile-switcher.css'

/** What stands before something that writes while a locked profile is open. */
export interface LockGuard {
  /** It may be done: the profile is not locked, or is meant. */
  readonly isClear: boolean
  /** It is meant although the profile is locked. */
  readonly isConfirmed: boolean
  /** The box to tick; nothing without a lock. */
  readonly box: ReactNode
}

export function useLockGuard(): LockGuard {
  const profile = useCurrentProfile()
  const [isMeant, setIsMeant] = useState(false)
  if (profile?.isLocked !== true) return { isClear: true, isConfirmed: false, box: null }
  const box = (
    <label className="lock-guard">
      <input type="checkbox" checked={isMeant} onChange={({ target }) => setIsMeant(target.checked)} />
      {words.profile.lockedConfirm(profile.title)}
    </label>
  )
  return { isClear: isMeant, isConfirmed: isMeant, box }
}
