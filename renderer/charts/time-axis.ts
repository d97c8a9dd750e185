const minuteMs = 60_000
const stepMinutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440]

/** Offset of the viewer's zone from UTC at an instant. */
export const viewerOffsetMs = (atMs: number): number => -new Date(atMs).getTimezoneOffset() * minuteMs

/**
 * Round instants of the viewer's zone within [fromMs, untilMs], at most `most` of them, and whether they are days.
 *
 * @param offsetMs offset of the zone from UTC at an instant
 */
export function chooseTicks(
  fromMs: number,
  untilMs: number,
  most: number,
  offsetMs: (atMs: number) => number = viewerOffsetMs,
): { readonly atMs: readonly number[]; readonly areDays: boolean } {
  const minutes = stepMinutes.find((step) => (untilMs - fromMs) / (step * minuteMs) <= most) ?? 1_440
  const stepMs = minutes * minuteMs
  const offset = offsetMs(fromMs)
  const atMs: number[] = []
  for (let at = Math.ceil((fromMs + offset) / stepMs) * stepMs - offset; at <= untilMs; at += stepMs) atMs.push(at)
  return { atMs, areDays: minutes >= 1_440 }
}
