import { amounts } from './poison/amounts.ts'
import { bytes } from './poison/bytes.ts'
import { carriers } from './poison/carriers.ts'
import { keys } from './poison/keys.ts'
import { names } from './poison/names.ts'
import { others } from './poison/other-topics.ts'
import { lines, precedence } from './poison/products.ts'
import type { Poison } from './poison/record.ts'
import { texts } from './poison/texts.ts'
import { times } from './poison/times.ts'

export { type Poison, poisonNowMs } from './poison/record.ts'

/** Bad input as it comes in real life, and input that only looks bad: every reason, every hazard, each with its outcome. */
export const poison: readonly Poison[] = [
  ...bytes,
  ...carriers,
  ...texts,
  ...keys,
  ...names,
  ...amounts,
  ...times,
  ...lines,
  ...precedence,
  ...others,
]
