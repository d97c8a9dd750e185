/** Seeded chance. One stream of numbers per purpose: {@link Random.fork} keeps streams independent of each other. */
export interface Random {
  /** Uniform in [0, 1) with 32 bits. */
  next(): number
  /** Uniform integer in [0, bound). */
  nextInt(bound: number): number
  /** True with the given probability; draws exactly one number. */
  chance(probability: number): boolean
  /** Standard normal deviate (Box–Muller, one of the pair). */
  nextNormal(): number
  /** Exponential deviate with mean 1. */
  nextExponential(): number
  /** An independent stream named by `label`: depends on this stream's seed and the label only. */
  fork(label: string): Random
}

/** FNV-1a over UTF-16 code units, 32 bits: spreads labels over seeds. */
function hashLabel(seed: number, label: string): number {
  let hash = 0x811c9dc5 ^ seed
  for (let index = 0; index < label.length; index += 1) {
    hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/**
 * A generator with 128 bits of state: sfc32 by Chris Doty-Humphrey (PractRand), seeded from a 32-bit seed and a label.
 *
 * @param seed any safe integer; its low 32 bits and its high part are both used
 */
export function createRandom(seed: number, label = ''): Random {
  const low = seed >>> 0
  const high = Math.floor(seed / 4294967296) >>> 0
  let a = hashLabel(low, label)
  let b = hashLabel(high ^ 0x9e3779b9, label)
  let c = low ^ 0x243f6a88
  let counter = 1

  const nextUint32 = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 15; round += 1) nextUint32()

  const next = (): number => nextUint32() / 4294967296
  return {
    next,
    nextInt: (bound) => Math.floor(next() * bound),
    chance: (probability) => next() < probability,
    nextNormal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    nextExponential: () => -Math.log(1 - next()),
    fork: (child) => createRandom(seed, `${label}/${child}`),
  }
}
