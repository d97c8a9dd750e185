import { expect, it } from 'vitest'
import { catchBug } from './pool.ts'
import { plantedBugs } from './planted-bugs.ts'
import { seedsPerBug } from './simulate.ts'

it.concurrent.each(plantedBugs)('finds $name: $says', async (bug) => {
  expect((await catchBug(bug, 1, seedsPerBug)).found).not.toBeNull()
})
