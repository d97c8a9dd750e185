const quote = 0x22
const backslash = 0x5c

/** Whether `mark` and `other` together occur more than `limit` times, strings included: the cheap upper bound. */
function hasMoreThan(text: string, limit: number, mark: string, other: string): boolean {
  let left = limit
  for (const sought of [mark, other]) {
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
      left -= 1
      if (left < 0) return true
    }
  }
  return false
}

/** The position of the quote that closes the string whose opening quote is at `at`. */
function findStringEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length) {
    const code = text.charCodeAt(end)
    if (code === quote) return end
    end += code === backslash ? 2 : 1
  }
  return text.length
}

/**
 * Whether valid JSON nests deeper than `limit` levels; the outermost object or array is level 1. What a repeated key
 * hides counts too: the text is measured, not what parsing leaves of it. Linear, without recursion.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  if (!hasMoreThan(text, limit, '{', '[')) return false
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = findStringEnd(text, at)
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > limit) return true
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1
    }
  }
  return false
}
