/**
 * Numbers as the terminal shows them: `1,234,567.50`, a dot before decimals, commas between thousands, whatever the
 * machine's locale says. Nothing here asks the locale or the time zone.
 */

/** A whole number: `1,234,567`. */
export const formatCount = (count: number): string => formatDecimal(count, 0)

/** A number with exactly `digits` decimals: `1,234.5`. */
export const formatDecimal = (value: number, digits: number): string => group(value.toFixed(digits))

/** Money given as a decimal string, digit for digit: `-1,234.50`. */
export const formatMoney = (decimal: string): string => group(decimal)

/** A share in percent, never rounded up: `99.99 %` is what 99.999 shows. */
export const formatPercent = (percent: number): string => `${(Math.floor(percent * 100 + 1e-9) / 100).toFixed(2)} %`

/** A duration: `0.4 ms`, `48 ms`, `1.2 s`, `3.5 min`, `2.1 h`. */
export function formatDuration(durationMs: number): string {
  const size = Math.abs(durationMs)
  if (size < 9.95) return `${durationMs.toFixed(1)} ms`
  if (size < 999.5) return `${durationMs.toFixed(0)} ms`
  if (size < 99_950) return `${(durationMs / 1_000).toFixed(1)} s`
  if (size < 5_997_000) return `${(durationMs / 60_000).toFixed(1)} min`
  return `${formatDecimal(durationMs / 3_600_000, 1)} h`
}

/** Bytes in powers of 1,000: `182 MB`. */
export function formatSize(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3)))
  const value = sizeBytes / 1_000 ** power
  return `${value.toFixed(power > 0 && value < 9.95 ? 1 : 0)} ${units[power] ?? 'B'}`
}

/** The time of day of an ISO-8601 UTC instant: `12:45:01`. */
export const formatTimeOfDay = (iso: string): string => iso.slice(11, 19)

/** An ISO-8601 UTC instant to the second: `2026-11-22 12:45:01 UTC`. */
export const formatDateTime = (iso: string): string => `${iso.slice(0, 10)} ${formatTimeOfDay(iso)} UTC`

function group(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
