/**
 * How many columns a text takes on a terminal.
 *
 * 1. One cell for a Latin letter, two for a CJK character or an emoji, none for a combining mark or a joiner; a cluster
 *    (letter with its marks, emoji with its joiners) is as wide as its widest part.
 * 2. What came from outside (a store's name) is cleaned first: no control character reaches the terminal.
 */

const plainAscii = /^[\x20-\x7e]*$/
const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' })
const withoutWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u
/** East Asian Wide and Fullwidth blocks of Unicode's EastAsianWidth, and what is shown as an emoji by default. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u
const emojiSelector = '\ufe0f'

/** Columns that `text` takes. */
export function measureWidth(text: string): number {
  if (plainAscii.test(text)) return text.length
  let width = 0
  for (const { segment } of clusters.segment(text)) width += clusterWidth(segment)
  return width
}

/** `text`, or as much of its beginning as leaves room for `ellipsis` within `columns`. */
export function truncateText(text: string, columns: number, ellipsis: string): string {
  if (measureWidth(text) <= columns) return text
  const room = columns - measureWidth(ellipsis)
  if (room < 0) return ellipsis.slice(0, Math.max(0, columns))
  let kept = ''
  let width = 0
  for (const { segment } of clusters.segment(text)) {
    width += clusterWidth(segment)
    if (width > room) break
    kept += segment
  }
  return kept + ellipsis
}

/** One line without control characters; without `unicode` also without what plain ASCII cannot show. */
export function cleanText(text: string, unicode: boolean): string {
  const visible = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
  return unicode ? visible : visible.replaceAll(/[^\x20-\x7e]/gu, '?')
}

function clusterWidth(cluster: string): number {
  if (cluster.includes(emojiSelector)) return 2
  let width = 0
  for (const character of cluster) {
    if (wide.test(character)) return 2
    if (!withoutWidth.test(character)) width = 1
  }
  return width
}
