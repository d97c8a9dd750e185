const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads `500ms`, `30s`, `5m`, `2h`, `1d` (fractions allowed) as milliseconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  if (!match) return null
  const unitMs = unitsMs[match[2] ?? '']
  return unitMs === undefined ? null : Math.round(Number(match[1]) * unitMs)
}
