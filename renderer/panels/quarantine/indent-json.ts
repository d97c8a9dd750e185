import type { TextLine } from './bytes.ts'

/**
 * JSON over several lines, from its own text and not from what parsing leaves of it: `1e400`, the digits of a long number
 * and a repeated key stay what they are. Without recursion: a rejected record may nest as deep as it likes.
 */

const token = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+)/gy
const deepestIndent = 40

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

/** Where in the record a line stands: the names and places of the containers around it, and its own. */
interface Place {
  enter(isList: boolean): void
  leave(): void
  /** The next member of a list. */
  next(): void
  /** The member of an object. */
  name(key: string): void
  readonly depth: number
  readonly isList: boolean
  /** Whether this is the failing field, or within it. */
  readonly isFailing: boolean
}

function createPlace(path: string): Place {
  const wanted = path.split('/').slice(1).map(unescapePointer)
  const levels: { readonly isList: boolean; index: number; isOnPath: boolean }[] = []
  const mark = (part: string): void => {
    const level = levels.at(-1)
    const wantedPart = wanted[levels.length - 1]
    if (level) level.isOnPath = (levels.at(-2)?.isOnPath ?? true) && (wantedPart === undefined || wantedPart === part)
  }
  return {
    enter(isList) {
      levels.push({ isList, index: 0, isOnPath: false })
      if (isList) mark('0')
    },
    leave: () => void levels.pop(),
    next() {
      const level = levels.at(-1)
      if (!level?.isList) return
      level.index += 1
      mark(String(level.index))
    },
    name: mark,
    get depth() {
      return levels.length
    },
    get isList() {
      return levels.at(-1)?.isList ?? true
    },
    get isFailing() {
      return wanted.length > 0 && levels.length >= wanted.length && (levels.at(-1)?.isOnPath ?? false)
    },
  }
}

function readTokens(text: string): readonly string[] {
  token.lastIndex = 0
  return [...text.matchAll(token)].map(([, sign = '']) => sign)
}

/**
 * The lines of a valid JSON text, two blanks a level.
 *
 * @param path JSON pointer of the field whose lines are marked, '' for none
 * @param most ends after so many lines
 */
export function indentJson(text: string, path: string, most: number): readonly TextLine[] {
  const lines: TextLine[] = []
  const place = createPlace(path)
  let line = ''
  let isKey = false
  const start = (): string => '  '.repeat(Math.min(place.depth, deepestIndent))
  const end = (): void => {
    if (line.trim() !== '') lines.push({ text: line, isFailing: place.isFailing })
  }
  const tokens = readTokens(text)
  for (let at = 0; at < tokens.length && lines.length < most; at += 1) {
    const sign = tokens[at] ?? ''
    const following = tokens[at + 1]
    if ((sign === '{' && following === '}') || (sign === '[' && following === ']')) {
      line += sign + following
      at += 1
    } else if (sign === '{' || sign === '[') {
      line += sign
      end()
      place.enter(sign === '[')
      isKey = sign === '{'
      line = start()
    } else if (sign === '}' || sign === ']') {
      end()
      place.leave()
      line = start() + sign
    } else if (sign === ',') {
      line += sign
      end()
      place.next()
      isKey = !place.isList
      line = start()
    } else if (sign === ':') {
      line += ': '
    } else {
      if (isKey) place.name(String(JSON.parse(sign)))
      isKey = false
      line += sign
    }
  }
  end()
  return lines.slice(0, most)
}
