import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { readSparkLag } from '../../../core/pipeline/views/spark-lag.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const offsets = (first: number, second: number, topic: string): string =>
  `v1\n{"batchWatermarkMs":0}\n{"${topic}":{"0":${first},"1":${second}}}`

/** Two partitions of five sales, appended a second after the other from 1,000 on; the query has read three and five. */
async function makeQuery(topic = 'sales') {
  const directory = makeTemporaryDirectory()
  for (const folder of ['offsets', 'commits', 'sources/0']) mkdirSync(join(directory, folder), { recursive: true })
  writeFileSync(join(directory, 'sources', '0', '0'), `\0v1\n{"${topic}":{"0":1,"1":0}}`)
  writeFileSync(join(directory, 'offsets', '40'), offsets(1, 1, topic))
  writeFileSync(join(directory, 'offsets', '41'), offsets(3, 5, topic))
  writeFileSync(join(directory, 'offsets', '42'), offsets(5, 5, topic))
  for (const batch of ['40', '41']) writeFileSync(join(directory, 'commits', batch), 'v1\n{}')
  const log = createMemoryLog({ partitions: 2 })
  for (let index = 0; index < 10; index += 1) {
    const record = { topic: salesTopic, key: null, value: Buffer.from('{}') }
    await log.append([record], { appendedAtMs: 1_000 + index * 1_000, origin: 'live', partitions: [index % 2] })
  }
  const clock = { ...systemClock, nowMs: () => 20_000 }
  const read = (flags: readonly string[] = [`spark.checkpoint=${directory}`]) => {
    const environment = { STOREPULSE_KAFKA_BROKERS: 'localhost:9092' }
    const all = ['kafka.topics.retail-transactions=sales', ...flags]
    return readSparkLag({
      log,
      clock,
      settings: resolveSettings({ profile: { kind: 'watch' }, environment, flags: all }),
    })
  }
  return { directory, read, log }
}

it('counts what the newest committed batch has not read, and how old the oldest of it is', async () => {
  const { read, log } = await makeQuery()
  // Offset 3 of partition 0 is the seventh record: appended at 7,000.
  expect(await read()).toEqual({ batch: 41, records: 2, seconds: 13, problem: null })
  await log.close()
})

it('begins where the query began while no batch is committed, and says so once everything is read', async () => {
  const { directory, read } = await makeQuery()
  writeFileSync(join(directory, 'commits', '42'), 'v1\n{}')
  expect(await read()).toEqual({ batch: 42, records: 0, seconds: 0, problem: null })
  rmSync(join(directory, 'commits'), { recursive: true })
  // The oldest that is wanted is the second record of all, in partition 1.
  expect(await read()).toEqual({ batch: null, records: 9, seconds: 18, problem: null })
})

it('says why it cannot be told, and nothing where no query is watched', async () => {
  const { directory, read } = await makeQuery('other')
  expect(await read()).toMatchObject({
    records: null,
    problem: 'the query reads the topic other, and this profile sales',
  })
  rmSync(directory, { recursive: true })
  expect(await read()).toMatchObject({ batch: null, problem: `${directory}: there is no such directory` })
  expect(await read([])).toBe(null)
})
