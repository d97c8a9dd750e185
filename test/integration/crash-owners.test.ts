import { expect, it } from 'vitest'
import { createRandom } from '../../core/base/random.ts'
import { runOwners } from '../support/crash/owners.ts'

it('has one owner of a data directory, whoever starts beside it and however it ends', async () => {
  const tally = await runOwners(5, createRandom(1, 'owners'))
  expect(tally).toMatchObject({ rounds: 5, differences: [] })
  expect(tally.owners.run + tally.owners.serve).toBeGreaterThan(0)
  // Two seconds on a machine that has nothing else to do; `npm run kills -- --where owners` measures it.
  expect(Math.max(...tally.waitsMs)).toBeLessThan(20_000)
}, 600_000)
