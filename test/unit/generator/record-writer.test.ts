import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../../../core/base/random.ts'
import { createRecordWriter, fragmentOf } from '../../../core/generator/record-writer.ts'
import { createWeightedChoice } from '../../../core/generator/weighted-choice.ts'

/** The text that `put` writes. */
function write(put: (out: ReturnType<typeof createRecordWriter>) => void): string {
  const out = createRecordWriter()
  out.begin()
  put(out)
  return out.end().toString()
}

it('writes instants as ISO-8601 with milliseconds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), { minLength: 1 }), (instants) => {
      const text = write((out) => {
        for (const instantMs of instants) out.putInstant(instantMs)
      })
      expect(text).toBe(instants.map((instantMs) => new Date(instantMs).toISOString()).join(''))
    }),
  )
})

it('writes amounts with exactly two decimals', () => {
  const amounts = [0, 1, 10, 99, 100, 1_250, -1, -100, -12_345, 999_999_999_999]
  expect(amounts.map((cents) => write((out) => out.putCents(cents)))).toEqual([
    '0.00',
    '0.01',
    '0.10',
    '0.99',
    '1.00',
    '12.50',
    '-0.01',
    '-1.00',
    '-123.45',
    '9999999999.99',
  ])
})

it('writes whole numbers, padded where asked', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 12 }), (value, width) => {
      expect(write((out) => out.putWhole(value, width))).toBe(String(value).padStart(width, '0'))
    }),
  )
})

it('keeps every record it has written, over many slabs', () => {
  const out = createRecordWriter()
  const line = fragmentOf('ü'.repeat(1_000))
  const records = Array.from({ length: 600 }, (_, index) => {
    out.begin()
    out.putWhole(index)
    const from = out.position
    out.put(line)
    return { part: out.cut(from), whole: out.end() }
  })
  records.forEach(({ part, whole }, index) => {
    expect(part.toString()).toBe('ü'.repeat(1_000))
    expect(whole.toString()).toBe(`${index}${'ü'.repeat(1_000)}`)
  })
})

it('picks by weight, and never what has none', () => {
  const random = createRandom(11)
  const weights = [0, 5, 1, 0, 14]
  const choice = createWeightedChoice(weights)
  const counts = weights.map(() => 0)
  for (let draw = 0; draw < 40_000; draw += 1) {
    const index = choice.pick(random)
    counts[index] = (counts[index] ?? 0) + 1
  }
  expect(choice.total).toBe(20)
  weights.forEach((weight, index) => expect(Math.abs((counts[index] ?? 0) / 40_000 - weight / 20)).toBeLessThan(0.01))
})

it('picks nothing where nothing has weight', () => {
  expect(createWeightedChoice([0, 0]).pick(createRandom(1))).toBe(-1)
  expect(createWeightedChoice([]).pick(createRandom(1))).toBe(-1)
})

it('never picks a weight of 0, whatever the others are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0.1, 0.3, 1, 7, 1e9), { minLength: 1 }),
      fc.integer(),
      (weights, seed) => {
        const choice = createWeightedChoice(weights)
        const random = createRandom(Math.abs(seed))
        for (let draw = 0; draw < 50 && choice.total > 0; draw += 1)
          expect(weights[choice.pick(random)]).toBeGreaterThan(0)
      },
    ),
  )
})
