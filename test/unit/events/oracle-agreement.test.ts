import { expect, it } from 'vitest'
import { createOutcomeComparison } from '../../support/compare-outcomes.ts'
import { poison, poisonNowMs } from '../../support/poison.ts'

it('decodes every record of the corpus as the oracle reads it', () => {
  const compare = createOutcomeComparison()
  const differ = poison.flatMap(({ name, topic, bytes }) => {
    const { difference } = compare(topic, bytes, poisonNowMs)
    return difference === null ? [] : [`${name}: ${difference}`]
  })
  expect(differ).toEqual([])
})
