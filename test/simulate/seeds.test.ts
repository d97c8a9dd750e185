import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { runSeeds } from './pool.ts'

it('finds nothing wrong in a thousand worlds where everything goes wrong', async () => {
  const wrong: string[] = []
  let lived = 0
  await runSeeds({
    from: 1,
    seeds: 1_000,
    processes: availableParallelism(),
    onReport({ seed, violations }) {
      lived += 1
      for (const { check, message } of violations) wrong.push(`seed ${seed}: ${check}: ${message}`)
    },
  })
  expect(wrong).toEqual([])
  expect(lived).toBe(1_000)
})
