import { expect, it } from 'vitest'
import { createTurns, shareRuns } from '../../../core/log/segment/turns.ts'

/** Work that ends when it is told to. */
function createGate(): { readonly work: () => Promise<void>; readonly finish: (error?: Error) => void; runs: number } {
  const waiting: ((error?: Error) => void)[] = []
  const gate = {
    runs: 0,
    work: () => {
      gate.runs += 1
      return new Promise<void>((resolve, reject) => waiting.push((error) => (error ? reject(error) : resolve())))
    },
    finish: (error?: Error) => waiting.shift()?.(error),
  }
  return gate
}

/** Lets everything that is ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('runs work one after the other, in the order it came', async () => {
  const takeTurn = createTurns()
  const steps: string[] = []
  const run = (name: string) =>
    takeTurn(async () => {
      steps.push(`${name} begins`)
      await settle()
      steps.push(`${name} ends`)
      return name
    })
  expect(await Promise.all([run('a'), run('b')])).toEqual(['a', 'b'])
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

it('goes on after work that failed', async () => {
  const takeTurn = createTurns()
  const failing = takeTurn(() => Promise.reject(new Error('no')))
  const next = takeTurn(() => Promise.resolve(7))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe(7)
})

it('shares the next run among all that come during one', async () => {
  const gate = createGate()
  const share = shareRuns(gate.work)
  const first = share()
  const second = share()
  const third = share()
  expect(gate.runs).toBe(1)
  expect(second).toBe(third)
  expect(second).not.toBe(first)
  gate.finish()
  await first
  await settle()
  expect(gate.runs).toBe(2)
  gate.finish()
  await second
  const fourth = share()
  expect(gate.runs).toBe(3)
  gate.finish()
  await fourth
})

it('never has two runs under way', async () => {
  let underWay = 0
  let most = 0
  const share = shareRuns(async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await settle()
    underWay -= 1
  })
  const calls: Promise<void>[] = []
  for (let round = 0; round < 50; round += 1) {
    calls.push(share())
    if (round % 3 === 0) await Promise.resolve()
    if (round % 7 === 0) await settle()
  }
  await Promise.all(calls)
  expect(most).toBe(1)
})

it('gives a failure to those who shared the run, and to no one else', async () => {
  const gate = createGate()
  const share = shareRuns(gate.work)
  const first = share()
  const second = share()
  gate.finish(new Error('no'))
  await expect(first).rejects.toThrow('no')
  await settle()
  gate.finish()
  await second
})
