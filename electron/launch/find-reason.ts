const longestReason = 200
/** `[1234:0101/101010.123456:ERROR:file.cc(12)] `, as Chromium begins its lines. */
const logPrefix = /^\[[^\]]*\]\s*/
const sayWhatHappened = /\b(error|fatal|missing|failed|cannot|refused|not found)\b/i

/** The line of an ended program's error output that says most, without what surrounds it; '' without one. */
export function findReason(errorText: string): string {
  const lines = errorText.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
  const line = lines.find((text) => sayWhatHappened.test(text)) ?? lines.at(-1) ?? ''
  return line.replace(logPrefix, '').trim().slice(0, longestReason)
}
