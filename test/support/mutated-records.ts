import { createRandom } from '../../core/base/random.ts'
import { isEventTopic } from '../../core/events/topics.ts'
import { createGenerator } from '../../core/generator/create-generator.ts'
import { noDisorder } from '../../core/generator/incidents.ts'
import { createMutator, type SoundRecord } from './mutate.ts'
import { pick } from './mutate/pieces.ts'
import type { OracleRecord } from './oracle.ts'
import { poison } from './poison.ts'

/** Half an hour before the corpus' events, so that they come in the middle of an hour. */
const halfBeforeCorpusMs = Date.UTC(2025, 0, 6, 9, 30)
const hourMs = 3_600_000

const small = poison.filter(({ bytes }) => bytes !== null && bytes.length < 4_096)
const large = poison.filter(({ bytes }) => bytes !== null && bytes.length >= 4_096)

/**
 * An hour of a shop's records, a tenth of them from the corpus, all of them through the mutator, in the order in which a
 * log would have them.
 */
export function makeMutatedRecords(seed: number, count: number, fromMs = halfBeforeCorpusMs): readonly OracleRecord[] {
  const random = createRandom(seed, 'mutated records')
  const mutate = createMutator(seed)
  const generator = createGenerator(
    {
      seed,
      rate: count / 3_600,
      rates: {},
      stores: 7,
      shape: 'flat',
      disorder: { ...noDisorder, late: 0.05, duplicate: 0.05 },
    },
    fromMs,
  )
  return generator
    .advance(fromMs + 2 * hourMs, count)
    .flatMap(({ topic, value, sentAtMs }): readonly OracleRecord[] => {
      if (!isEventTopic(topic) || value === null) return []
      const chance = random.next()
      const sound: SoundRecord =
        chance < 0.1 ? pick(chance < 0.0003 ? large : small, random) : { topic, bytes: Buffer.from(value) }
      return [{ ...mutate(sound), partition: 0, appendedAtMs: sentAtMs }]
    })
}
