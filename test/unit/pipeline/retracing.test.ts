import { expect, it } from 'vitest'
import { silentLogger } from '../../../core/base/logger.ts'
import { createRandom } from '../../../core/base/random.ts'
import { spanSketch } from '../../../core/base/span-sketch.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createDecoder } from '../../../core/events/decode.ts'
import type { EpochRecord } from '../../../core/events/epoch.ts'
import { salesTopic } from '../../../core/events/topics.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createRangeFollower } from '../../../core/pipeline/ranges.ts'
import { createReadingStage } from '../../../core/pipeline/reading.ts'
import { recover } from '../../../core/pipeline/recovery.ts'
import { retrace } from '../../../core/pipeline/retracing.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import { createLedgerLog } from '../../support/ledger-log.ts'
import { makeRecord } from '../../support/records.ts'
import { makeCommit, makeEpoch, token, windowSizeMs } from '../../support/warehouse-commits.ts'

const idleAt = (sequence: number): EpochRecord =>
  makeEpoch(sequence + 1, {
    kind: 'idle',
    ranges: [],
    fromSequence: sequence,
    untilSequence: sequence,
    records: 0,
    watermarkMs: 1_000 + sequence,
  })

async function describeSteps(untilSequence: number, epochs: readonly EpochRecord[]): Promise<readonly string[]> {
  const log = createMemoryLog({ partitions: 1 })
  const sale = { topic: salesTopic, key: null, value: Buffer.from('{}') } as const
  await log.append([sale, sale, sale, sale], { appendedAtMs: 0, origin: 'live' })
  const steps: string[] = []
  for await (const step of retrace(log, log.openReader([]), epochs, untilSequence, 20_000)) {
    if (step.kind === 'idle') steps.push(`closed until ${step.watermarkMs}`)
    if (step.kind === 'records') steps.push(step.records.map(({ sequence }) => sequence).join(' '))
  }
  return steps
}

it('closes idle windows where they were closed, also right before records that are not committed yet', async () => {
  expect(await describeSteps(4, [idleAt(1), idleAt(4)])).toEqual([
    '0',
    'closed until 1001',
    '1 2 3',
    'closed until 1004',
  ])
  expect(await describeSteps(2, [idleAt(2)])).toEqual(['0 1', 'closed until 1002'])
})

it('describes stretches that leave no offset out, those without a record neither', () => {
  const committed = [{ topic: salesTopic, partition: 0, offset: 5 }]
  const startedAt = [{ topic: salesTopic, partition: 1, offset: 3 }] as const
  const follow = createRangeFollower(committed, { startedAt })
  const at = (partition: number, offset: number) => makeRecord('{}', { partition, offset })
  expect(follow([at(0, 7), at(1, 4), at(2, 9)])).toEqual([
    { topic: salesTopic, partition: 0, from: 5, until: 8 },
    { topic: salesTopic, partition: 1, from: 3, until: 5 },
    { topic: salesTopic, partition: 2, from: 9, until: 10 },
  ])
  expect(follow([at(1, 6), at(1, 8)])).toEqual([{ topic: salesTopic, partition: 1, from: 5, until: 9 }])
})

it('recovers what was committed when it looked, although another owner has committed more meanwhile', async () => {
  const log = createLedgerLog(1, createRandom(1))
  const warehouse = createMemoryWarehouse({ sketch: windowSketch })
  await warehouse.claim({ token, processId: 1, command: 'test', atMs: 0 })
  const idle = (epoch: number) =>
    ({ kind: 'idle', ranges: [], fromSequence: 0, untilSequence: 0, records: 0, epoch }) as const
  await warehouse.commit(makeCommit(1, { epoch: makeEpoch(1, idle(1)), offsets: [] }))
  const progress = await warehouse.loadProgress()
  await warehouse.commit(makeCommit(2, { epoch: makeEpoch(2, idle(2)), offsets: [] }))
  const recovered = await recover({
    log,
    warehouse: { ...warehouse, loadProgress: async () => progress },
    reading: createReadingStage(createDecoder({ futureMs: 0, zone: 'UTC' }), log),
    engineOptions: { windowSizeMs, latenessMs: 0, duplicates: 'drop', maxIds: 10, sketch: windowSketch },
    spanSketch,
    logger: silentLogger,
  })
  expect(recovered.progress?.epoch).toBe(1)
})
