import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { type CheckpointFiles, readCheckpoint } from '../../../core/parity/checkpoint.ts'

const conf = '"conf":{"spark.sql.shuffle.partitions":"2"}'
const write = (watermarkMs: number, offsets: string): string =>
  `v1\n{"batchWatermarkMs":${watermarkMs},"batchTimestampMs":1,${conf}}\n${offsets}`

const sound: CheckpointFiles = {
  offsets: new Map([
    [0, write(0, '{"sales":{"1":20,"0":10}}')],
    [1, write(500, '{"sales":{"0":10,"1":20}}')],
    [2, write(700, '{"sales":{"0":15,"1":20,"2":4}}')],
  ]),
  commits: [0, 1, 2],
  initial: '\0v1\n{"sales":{"0":3,"1":0}}',
}

function findFault(files: Partial<CheckpointFiles>): string {
  try {
    readCheckpoint({ ...sound, ...files })
  } catch (error) {
    if (error instanceof Fault && error.code === 'input' && error.hint !== undefined) return error.message
    throw error
  }
  return 'no fault'
}

it('reads what each batch read, from where the query began, a batch without data and a new partition included', () => {
  expect(readCheckpoint(sound)).toEqual({
    topic: 'sales',
    batches: [
      {
        number: 0,
        watermarkMs: 0,
        ranges: [
          { partition: 0, from: 3, until: 10 },
          { partition: 1, from: 0, until: 20 },
        ],
      },
      { number: 1, watermarkMs: 500, ranges: [] },
      {
        number: 2,
        watermarkMs: 700,
        ranges: [
          { partition: 0, from: 10, until: 15 },
          { partition: 2, from: 0, until: 4 },
        ],
      },
    ],
    isCut: false,
    hasStart: true,
    isLastOpen: false,
    allowsMultiple: null,
  })
})

it('tells a batch that was planned and not committed', () => {
  expect(readCheckpoint({ ...sound, commits: [0, 1] }).isLastOpen).toBe(true)
  const first = { ...sound, offsets: new Map([...sound.offsets].slice(0, 1)), commits: [] }
  expect(readCheckpoint(first).isLastOpen).toBe(true)
})

it('tells that early batches are gone, and where the query began if that is known', () => {
  const cut = { ...sound, offsets: new Map([...sound.offsets].slice(1)), commits: [1, 2] }
  const { batches, isCut, hasStart } = readCheckpoint(cut)
  expect([isCut, hasStart, batches[0]?.ranges[0]]).toEqual([true, true, { partition: 0, from: 3, until: 10 }])
  expect(readCheckpoint({ ...cut, initial: null }).hasStart).toBe(false)
})

it('takes a batch whose source had nothing yet for one without data', () => {
  const offsets = new Map([
    [0, write(0, '-')],
    [1, write(0, '{"sales":{"0":10}}')],
  ])
  const { batches } = readCheckpoint({ ...sound, offsets, commits: [0, 1] })
  expect(batches.map(({ ranges }) => ranges.length)).toEqual([0, 1])
})

it('reads whether several stateful operators are allowed, where a checkpoint has it', () => {
  const name = 'spark.sql.streaming.statefulOperator.allowMultiple'
  const text = `v1\n{"batchWatermarkMs":0,"conf":{"${name}":"false"}}\n{"sales":{"0":10}}`
  const files = { ...sound, offsets: new Map([[0, text]]), commits: [0] }
  expect(readCheckpoint(files).allowsMultiple).toBe(false)
})

it.each<readonly [title: string, files: Partial<CheckpointFiles>, message: string]>([
  ['no batch', { offsets: new Map() }, 'offsets: there is no batch'],
  ['an empty file', { offsets: new Map([[0, '']]) }, 'offsets/0: is empty'],
  ['other bytes', { offsets: new Map([[0, 'PAR1']]) }, 'offsets/0: does not begin with its version'],
  ['a newer format', { offsets: new Map([[0, 'v2\n{}\n{}']]) }, 'offsets/0: has format v2, and only v1 is known'],
  ['a cut file', { offsets: new Map([[0, 'v1\n{"batchWatermarkMs":0}']]) }, 'offsets/0: ends too early'],
  ['a cut line', { offsets: new Map([[0, write(0, '{"sales":{"0":1')]]) }, 'offsets/0: a line is no JSON'],
  ['a list', { offsets: new Map([[0, write(0, '[1]')]]) }, 'offsets/0: a line is no JSON object'],
  ['no watermark', { offsets: new Map([[0, 'v1\n{}\n{"sales":{"0":1}}']]) }, 'offsets/0: has no batchWatermarkMs'],
  [
    'a negative offset',
    { offsets: new Map([[0, write(0, '{"sales":{"0":-1}}')]]) },
    'offsets/0: partition 0 has no offset',
  ],
  [
    'another partition',
    { offsets: new Map([[0, write(0, '{"sales":{"x":1}}')]]) },
    'offsets/0: partition x has no offset',
  ],
  ['another source', { offsets: new Map([[0, write(0, '{"logOffset":3}')]]) }, 'offsets/0: holds no offsets of Kafka'],
  ['no topic', { offsets: new Map([[0, write(0, '{}')]]) }, 'offsets/0: names no topic'],
  [
    'two topics',
    { offsets: new Map([[0, write(0, '{"a":{},"b":{}}')]]) },
    'offsets/0: the query reads the topics a, b',
  ],
  ['two sources', { offsets: new Map([[0, write(0, '{"a":{}}\n{"b":{}}')]]) }, 'offsets/0: the query reads 2 sources'],
  ['another topic later', { initial: 'v1\n{"old":{"0":3}}' }, 'offsets/0: the topic is sales, before it was old'],
  ['a damaged start', { initial: '\0v1\n{"sales"' }, 'sources/0/0: a line is no JSON'],
  [
    'a missing batch',
    { offsets: new Map([...sound.offsets].filter(([number]) => number !== 1)) },
    'offsets: batches 1 to 1 are missing between 0 and 2',
  ],
  [
    'a topic that was made anew',
    { offsets: new Map([...sound.offsets, [3, write(700, '{"sales":{"0":2}}')]]), commits: [3] },
    'offsets/3: partition 0 goes back from offset 15 to 2',
  ],
  ['commits ahead', { commits: [0, 1, 2, 3] }, 'commits: batch 3 is committed, and offsets end at batch 2'],
  ['commits behind', { commits: [0] }, 'commits: ends at batch 0, and offsets at batch 2'],
])('refuses %s', (_, files, message) => {
  expect(findFault(files)).toBe(message)
})
