import { expect, it } from 'vitest'
import { simulateSeed } from '../support/simulation/simulate-seed.ts'

/** Many more are lived in test/simulate. */
const seeds = Array.from({ length: 40 }, (_, index) => 1 + index)

it('keeps every number right in worlds where everything goes wrong', async () => {
  const wrong: string[] = []
  const faults = new Set<string>()
  for (const seed of seeds) {
    const report = await simulateSeed(seed)
    for (const { check, message } of report.violations) wrong.push(`seed ${seed}: ${check}: ${message}`)
    for (const name of Object.keys(report.faults)) faults.add(name)
    expect(report.records).toBeGreaterThan(0)
  }
  expect(wrong).toEqual([])
  expect([...faults]).toEqual(
    expect.arrayContaining(['crash', 'fail', 'answer-lost', 'lands-late', 'takeover', 'sleep']),
  )
})

it('lives a seed a second time as it did the first time', async () => {
  const kinds = new Set<string>()
  for (const seed of seeds.slice(0, 10)) {
    const [first, second] = [await simulateSeed(seed), await simulateSeed(seed)]
    expect(second).toEqual(first)
    kinds.add(first.logKind)
  }
  expect([...kinds].sort()).toEqual(['ledger', 'memory', 'segment'])
})
