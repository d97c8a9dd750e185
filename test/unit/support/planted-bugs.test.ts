import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { plantedBugs } from '../../simulate/planted-bugs.ts'

it('knows where each bug of the simulation goes, by a name of its own', () => {
  const misplaced = plantedBugs.flatMap(({ name, plantings }) =>
    plantings
      .filter(({ file, find }) => readFileSync(file, 'utf8').split(find).length !== 2)
      .map(({ file, find }) => `${name}: ${file} holds not once: ${find}`),
  )
  expect(misplaced).toEqual([])
  expect(new Set(plantedBugs.map(({ name }) => name)).size).toBe(plantedBugs.length)
  expect(plantedBugs.length).toBeGreaterThanOrEqual(20)
})
