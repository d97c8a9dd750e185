import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isDeeperThan } from '../../../core/events/depth.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

it('measures any JSON as walking it does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(7), (value, limit) => {
      expect(isDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit)
    }),
    { numRuns: 3_000 },
  )
})

it('takes no bracket inside a text for nesting', () => {
  const text = JSON.stringify({ '[{"\\': ['[[[[', '{"', '\\', '\\"[', '\u2028['] })
  expect(isDeeperThan(text, 2)).toBe(false)
  expect(isDeeperThan(text, 1)).toBe(true)
})

it('stands any depth', () => {
  expect(isDeeperThan(`${'['.repeat(500_000)}${']'.repeat(500_000)}`, 499_999)).toBe(true)
  expect(isDeeperThan(`${'['.repeat(500_000)}${']'.repeat(500_000)}`, 500_000)).toBe(false)
})
