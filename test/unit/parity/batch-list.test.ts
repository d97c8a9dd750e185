import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { readBatchList } from '../../../core/parity/batch-list.ts'

function findFault(text: string): string {
  try {
    readBatchList(text)
  } catch (error) {
    if (error instanceof Fault && error.code === 'input' && error.hint !== undefined) return error.message
    throw error
  }
  return 'no fault'
}

it('reads a batch a line; each begins where the one before ended, or where it says', () => {
  const text = [
    '{"until":{"0":10}}',
    '',
    '{"batch":1,"from":{"1":5},"until":{"0":12,"1":9},"watermarkMs":60000}',
    '{"until":{}}',
  ].join('\r\n')
  const { batches, isCut, isLastOpen, topic } = readBatchList(text)
  expect([isCut, isLastOpen, topic]).toEqual([false, false, null])
  expect(batches).toEqual([
    { number: 0, watermarkMs: null, ranges: [{ partition: 0, from: 0, until: 10 }] },
    {
      number: 1,
      watermarkMs: 60_000,
      ranges: [
        { partition: 0, from: 10, until: 12 },
        { partition: 1, from: 5, until: 9 },
      ],
    },
    { number: 2, watermarkMs: null, ranges: [] },
  ])
})

it('begins at the number that the first line has', () => {
  expect(readBatchList('{"batch":7,"until":{"0":1}}\n{"until":{"0":2}}').batches.map(({ number }) => number)).toEqual([
    7, 8,
  ])
})

it.each([
  ['', 'the list of batches is empty'],
  ['{"until":{"0":1}}\nx', 'line 2: this is no JSON'],
  ['[]', 'line 1: this is no JSON object'],
  ['{}', 'line 1: "until" must be an object of offsets by partition'],
  ['{"until":{"a":1}}', 'line 1: "until" has no partition of the number "a"'],
  ['{"until":{"0":1.5}}', 'line 1: "until" must have an offset from 0 on for partition 0'],
  ['{"until":{"0":1},"from":{"0":-1}}', 'line 1: "from" must have an offset from 0 on for partition 0'],
  ['{"until":{"0":1},"from":{"0":2}}', 'line 1: partition 0 ends at 1, before it begins at 2'],
  ['{"until":{"0":5}}\n{"until":{"0":4}}', 'line 2: partition 0 ends at 4, before it begins at 5'],
  [
    '{"until":{"0":5}}\n{"from":{"0":4},"until":{"0":6}}',
    'line 2: partition 0 begins at 4, and the batch before ended at 5',
  ],
  ['{"until":{"0":5}}\n{"batch":3,"until":{"0":6}}', 'line 2: batch 3 comes where 1 is next'],
  ['{"until":{"0":5},"watermarkMs":"now"}', 'line 1: "watermarkMs" must be epoch milliseconds'],
  ['{"until":{"0":5},"watermark":1}', 'line 1: there is no "watermark" in a batch'],
])('refuses %j', (text, message) => {
  expect(findFault(text)).toBe(message)
})
