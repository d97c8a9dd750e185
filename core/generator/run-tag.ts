import type { GeneratorOptions } from './generator.ts'

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/**
 * What the ids of one run have in common: letters and digits that depend on the options and the start, so that runs
 * that follow each other into one log never reuse an id.
 */
export function createRunTag(options: GeneratorOptions, fromMs: number): string {
  const { seed, rate, rates, stores, shape, disorder } = options
  const sortedRates = Object.entries(rates).sort(([left], [right]) => (left < right ? -1 : 1))
  const sortedDisorder = Object.entries(disorder).sort(([left], [right]) => (left < right ? -1 : 1))
  const hash = hashText(JSON.stringify([seed, rate, sortedRates, stores, shape, sortedDisorder]))
  return fromMs.toString(36) + hash.toString(36).padStart(7, '0')
}
