import type { SwitchFailure } from '../../core/protocol/cluster.ts'

/** Which profile the next engine opens. */
export interface ProfileStart {
  readonly profile: string
  /** Not the one the app was started with. */
  readonly isSwitched: boolean
  readonly failure: SwitchFailure | null
}

/** The profiles the app has been led to, and the way back from one that cannot be opened. */
export interface ProfileCourse {
  current(): ProfileStart
  switchTo(profile: string): void
  /**
   * Takes the end of an engine that nobody asked for, and how long it ran. Returns whether the one before is to be opened
   * again: the profile that was switched to gave up within a minute.
   */
  noteEnd(reason: { readonly message: string; readonly hint: string | null }, ranMs: number): boolean
}

const triedMs = 60_000

/**
 * @param first the profile to begin with
 * @param fallback the one to open when that gives up at once; null when there is none
 * @param remember called with each profile that is to be opened at the next start of the app
 */
export function createProfileCourse(
  first: string,
  fallback: string | null,
  remember: (profile: string) => void,
): ProfileCourse {
  let current: ProfileStart = { profile: first, isSwitched: false, failure: null }
  let before = fallback
  return {
    current: () => current,
    switchTo(profile) {
      if (profile !== current.profile) before = current.profile
      current = { profile, isSwitched: true, failure: null }
      remember(profile)
    },
    noteEnd(reason, ranMs) {
      if (before === null || before === current.profile || ranMs >= triedMs) return false
      current = { profile: before, isSwitched: true, failure: { profile: current.profile, ...reason } }
      remember(before)
      before = null
      return true
    },
  }
}
