import { Fault } from '../base/fault.ts'
import type { Settings } from './settings.ts'

/**
 * Refuses to run a profile whose log or warehouse no build of the pipeline opens yet: it would count into the wrong place.
 *
 * @throws Fault `setting`
 */
export function refuseUnbuilt(name: string, { profile }: Settings): void {
  if (profile.kind === 'local') return
  throw new Fault('setting', `profile "${name}" is not part of this build`, {
    domain: 'user',
    hint: 'use --profile local',
  })
}
