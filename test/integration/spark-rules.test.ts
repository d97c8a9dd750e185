import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { createRandom, type Random } from '../../core/base/random.ts'
import type { Decoded } from '../../core/events/decoded.ts'
import { salesTopic } from '../../core/events/topics.ts'
import { poison } from '../support/poison.ts'
import { decodeSale } from '../support/spark-batches.ts'
import { findSpark } from '../support/services/spark.ts'
import { describeWithServices } from '../support/services/use.ts'

const folder = join(import.meta.dirname, '../../resources/spark')

/** Decodes each line of base64, `-` for a tombstone, by the job's own function. */
const driver = `
import base64, json, sys
from transactions_summary import decode_sale
for line in sys.stdin:
    value = None if line.strip() == '-' else base64.b64decode(line)
    print(json.dumps(decode_sale(value)))
`

type Outcome = readonly [string, string, number | null, string | null, number | null, number | null]

function decodeAsJob(values: readonly (Buffer | null)[]): readonly Outcome[] {
  const printed = execFileSync(findSpark().python, ['-c', driver], {
    input: values.map((value) => `${value === null ? '-' : value.toString('base64')}\n`).join(''),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 64 * 1_048_576,
  })
  return printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome)
}

const outcomeOf = (decoded: Decoded): Outcome => {
  if (decoded.type === 'sale') {
    return ['sale', '', decoded.storeId, decoded.customerId, decoded.eventTimeMs, decoded.cents]
  }
  if (decoded.type === 'rejection') return [decoded.reason, decoded.path, null, null, null, null]
  return [decoded.type, '', null, null, null, null]
}

const marks = '{}[]",:.-+059eETZu\\ \n'.split('')
const literals = [
  'null',
  'true',
  '1e400',
  '-0',
  '1.005',
  '2.675',
  '9007199254740993',
  '0.1',
  '""',
  '"Ω"',
  '\\u0000',
  '\xff',
]

/** The same bytes with a few of them replaced, removed or added. */
function spoil(bytes: Buffer, random: Random): Buffer {
  let text = bytes.toString('latin1')
  for (let changes = 1 + random.nextInt(3); changes > 0; changes -= 1) {
    const at = random.nextInt(text.length + 1)
    const piece = random.nextInt(3) === 0 ? literals : marks
    const added = random.nextInt(4) === 0 ? '' : (piece[random.nextInt(piece.length)] ?? '')
    text = text.slice(0, at) + added + text.slice(at + random.nextInt(3))
  }
  return Buffer.from(text, 'latin1')
}

describeWithServices('the job’s rules', ['spark'], () => {
  it('decode every record of the shared corpus as the pipeline does, but for what lies in the future', () => {
    const sales = poison.filter(({ topic }) => topic === salesTopic)
    const found = decodeAsJob(sales.map(({ bytes }) => bytes))
    const expected = sales.map(({ name, expected: decoded }) => [name, ...outcomeOf(decoded)])
    const isFuture = ([, reason]: readonly unknown[]): boolean => reason === 'future_time'
    expect(sales.length).toBeGreaterThan(200)
    expect(
      sales.map(({ name }, index) => [name, ...(found[index] ?? [])]).filter((_, i) => !isFuture(expected[i] ?? [])),
    ).toEqual(expected.filter((outcome) => !isFuture(outcome)))
    for (const [index, outcome] of expected.entries()) {
      if (isFuture(outcome)) expect(found[index]?.[0], String(outcome[0])).toBe('sale')
    }
  })
  it('decode what is left of spoilt records as the pipeline does', () => {
    const random = createRandom(20_250_106)
    const sound = poison.flatMap(({ topic, bytes }) =>
      topic === salesTopic && bytes && bytes.length < 1_000 ? [bytes] : [],
    )
    const values = Array.from({ length: 20_000 }, () =>
      spoil(sound[random.nextInt(sound.length)] ?? Buffer.alloc(0), random),
    )
    const found = decodeAsJob(values)
    const expected = values.map((value) => outcomeOf(decodeSale(value)))
    const differ = expected.flatMap((outcome, index) =>
      isDeepStrictEqual(outcome, found[index]) ? [] : [[values[index]?.toString('latin1'), outcome, found[index]]],
    )
    expect(differ).toEqual([])
    const reasons = new Set(expected.map(([reason]) => reason))
    expect(reasons.size).toBeGreaterThan(7)
  })
})
