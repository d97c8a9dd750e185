import { readFileSync } from 'node:fs'

/** What Spark itself answers; written by test/support/spark-golden.py, where each part is explained. */
interface SparkGolden {
  readonly counts: readonly (readonly [count: number, estimate: number])[]
  readonly intCounts: SparkGolden['counts']
  readonly longCounts: SparkGolden['counts']
  readonly sweep: readonly (readonly [count: number, estimate: number])[]
  readonly texts: { readonly values: readonly string[]; readonly hashes: readonly string[]; readonly estimate: number }
  readonly loneSurrogates: readonly (readonly [escaped: string, hash: string])[]
  readonly ints: readonly (readonly [value: number, hash: string])[]
  readonly longs: readonly (readonly [value: string, hash: string])[]
  readonly registers: readonly { readonly words: string; readonly estimate: number }[]
  readonly biases: readonly (readonly [raw: number, bias: number])[]
}

export const sparkGolden = JSON.parse(
  readFileSync(new URL('./data/spark-approx-count-distinct.json', import.meta.url), 'utf8'),
) as SparkGolden

/** Bytes 3, 10, 17 … that the hash vectors are taken over. */
export const patternBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + 3) & 0xff)
