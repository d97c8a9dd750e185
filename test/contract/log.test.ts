import { onTestFinished } from 'vitest'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import { openSegmentLog } from '../../core/log/segment/segment-log.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { promiseLog } from './log.promises.ts'

promiseLog('memory', async (request = {}) => {
  const log = createMemoryLog({ partitions: 4, ...request })
  onTestFinished(() => log.close())
  return log
})

promiseLog('segment', async (request = {}) => {
  const directory = makeTemporaryDirectory()
  const log = await openSegmentLog({ directory, partitions: 4, segmentBytes: 4 * 1024, ...request })
  onTestFinished(() => log.close())
  return log
})
