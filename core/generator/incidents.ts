import type { Disorder } from './generator.ts'

/** Nothing goes wrong. */
export const noDisorder: Disorder = {
  late: 0,
  duplicate: 0,
  invalid: 0,
  silentStore: 0,
  silentForMs: 0,
  silentEveryMs: 0,
  skewedStore: 0,
  skewMs: 0,
  burstEveryMs: 0,
}

/** Longest time for which events are held back before a burst. */
const longestHoldMs = 60_000
/** Share of the time between two bursts in which events are held back. */
const holdShare = 0.1

/** How far an instant lies into its period; periods start at the epoch of UTC, so that restarts do not move them. */
const phaseOf = (instantMs: number, periodMs: number): number => instantMs - Math.floor(instantMs / periodMs) * periodMs

/**
 * Whether the silent store says nothing at an instant: in the last `silentForMs` of every `silentEveryMs`.
 */
export function isSilenceAt(disorder: Disorder, instantMs: number): boolean {
  const { silentStore, silentForMs, silentEveryMs } = disorder
  if (silentStore <= 0 || silentForMs <= 0 || silentEveryMs <= 0) return false
  return phaseOf(instantMs, silentEveryMs) >= silentEveryMs - silentForMs
}

/** How far the clock of a store is off, milliseconds; positive is ahead. */
export function skewOf(disorder: Disorder, storeId: number): number {
  return disorder.skewedStore > 0 && storeId === disorder.skewedStore ? disorder.skewMs : 0
}

/**
 * When an event made at an instant is sent: at once, or, in the last tenth of every `burstEveryMs` (a minute at the
 * most), together with the others at its end. Never goes back as the instant goes on.
 */
export function sentAtOf(disorder: Disorder, createdAtMs: number): number {
  const periodMs = disorder.burstEveryMs
  if (periodMs <= 0) return createdAtMs
  const phaseMs = phaseOf(createdAtMs, periodMs)
  const holdMs = Math.min(longestHoldMs, periodMs * holdShare)
  return phaseMs >= periodMs - holdMs ? Math.ceil(createdAtMs - phaseMs + periodMs) : createdAtMs
}
