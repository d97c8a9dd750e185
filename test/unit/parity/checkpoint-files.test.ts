import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { crc32 } from '../../../core/base/checksum.ts'
import { Fault } from '../../../core/base/fault.ts'
import { findCheckpoint, readBatches } from '../../../core/pipeline/parity/checkpoint-files.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const offsets = 'v1\n{"batchWatermarkMs":0,"batchTimestampMs":1}\n{"sales":{"0":10}}'

/** As Hadoop writes them, here with a sum for every 16 bytes. */
function sumOf(text: string): Buffer {
  const bytes = Buffer.from(text)
  const header = Buffer.from('crc\0\0\0\0\u0010', 'latin1')
  const sums: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(bytes.subarray(at, at + 16)))
    sums.push(sum)
  }
  return Buffer.concat([header, ...sums])
}

function makeCheckpoint(): string {
  const directory = makeTemporaryDirectory()
  for (const folder of ['offsets', 'commits', 'sources/0']) mkdirSync(join(directory, folder), { recursive: true })
  writeFileSync(join(directory, 'metadata'), '{"id":"1"}')
  writeFileSync(join(directory, 'offsets', '0'), offsets)
  writeFileSync(join(directory, 'offsets', '.0.crc'), sumOf(offsets))
  writeFileSync(join(directory, 'commits', '0'), 'v1\n{"nextBatchWatermarkMs":0}')
  writeFileSync(join(directory, 'sources', '0', '0'), '\0v1\n{"sales":{"0":0}}')
  return directory
}

async function findFault(directory: string): Promise<readonly [string, string]> {
  try {
    await readBatches(directory)
  } catch (error) {
    if (error instanceof Fault) return [error.code, error.message.replace(directory, '…')]
    throw error
  }
  return ['', 'no fault']
}

it('reads a checkpoint, past the files that Spark and Hadoop keep beside', async () => {
  const directory = makeCheckpoint()
  for (const name of ['.1.crc', '.1.0c8f.tmp', '_SUCCESS']) writeFileSync(join(directory, 'offsets', name), 'x')
  const { batches, isLastOpen, topic } = await readBatches(directory)
  expect([batches.length, isLastOpen, topic]).toEqual([1, false, 'sales'])
})

it('takes a query that has committed nothing', async () => {
  const directory = makeCheckpoint()
  rmSync(join(directory, 'commits'), { recursive: true })
  expect((await readBatches(directory)).isLastOpen).toBe(true)
})

it.each<readonly [title: string, spoil: (directory: string) => void, code: string, message: RegExp]>([
  [
    'no directory',
    (directory) => rmSync(directory, { recursive: true }),
    'not-found',
    /^…: there is no such directory$/,
  ],
  [
    'no offsets',
    (directory) => rmSync(join(directory, 'offsets'), { recursive: true }),
    'input',
    /^… cannot be read as a/,
  ],
  [
    'an empty folder',
    (directory) => rmSync(join(directory, 'offsets', '0')),
    'input',
    /^…: offsets: there is no batch$/,
  ],
  [
    'a byte that was flipped',
    (directory) => writeFileSync(join(directory, 'offsets', '0'), offsets.replace('10', '11')),
    'input',
    /^…: offsets\/0: the file does not fit the sums beside it$/,
  ],
  [
    'a file that was cut',
    (directory) => writeFileSync(join(directory, 'offsets', '0'), offsets.slice(0, 20)),
    'input',
    /^…: offsets\/0: the file does not fit the sums beside it$/,
  ],
  [
    'sums that are none',
    (directory) => writeFileSync(join(directory, 'offsets', '.0.crc'), 'crc'),
    'input',
    /^…: offsets\/0: the file does not fit/,
  ],
  [
    'the log of a file sink',
    (directory) => writeFileSync(join(directory, 'offsets', '9.compact'), 'v1'),
    'input',
    /^…: offsets\/9.compact is a log of files that was compacted, not of batches$/,
  ],
])('refuses %s', async (_, spoil, code, message) => {
  const directory = makeCheckpoint()
  spoil(directory)
  const [foundCode, found] = await findFault(directory)
  expect(foundCode).toBe(code)
  expect(found).toMatch(message)
})

it('takes paths as Spark writes them, and only those of this computer', () => {
  const folder = join(makeTemporaryDirectory(), 'a b')
  expect([findCheckpoint(folder), findCheckpoint(pathToFileURL(folder).href)]).toEqual([folder, folder])
  expect(findCheckpoint('C:\\checkpoints\\sales')).toBe('C:\\checkpoints\\sales')
  for (const place of ['s3a://bucket/checkpoints', 'hdfs://name/checkpoints', 'abfss://x@y/z']) {
    expect(() => findCheckpoint(place)).toThrow('of this computer')
  }
})
