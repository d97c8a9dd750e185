import type { CachedBoard } from './cache.ts'

const format = 1

/** A board as it lies in the cache, and as it is pushed. */
export const formatEntry = ({ board, publishedAtMs, series }: CachedBoard): string =>
  JSON.stringify({ format, publishedAtMs, board, series })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Reads it back; null for anything else, such as what a later version wrote. */
export function parseEntry(text: string): CachedBoard | null {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return null
  if (!('format' in value) || value.format !== format) return null
  if (!('publishedAtMs' in value) || typeof value.publishedAtMs !== 'number') return null
  if (!('board' in value) || typeof value.board !== 'string') return null
  if (!('series' in value) || typeof value.series !== 'string') return null
  return { board: value.board, series: value.series, publishedAtMs: value.publishedAtMs }
}
