import { Worker } from 'node:worker_threads'
import { Fault } from '../base/fault.ts'
import { createGenerator } from './create-generator.ts'
import type { GeneratedRecord, GeneratorOptions, GeneratorPort } from './generator.ts'
import { unpackRecords } from './packed.ts'
import type { AdvanceReply, AdvanceRequest, WorkerStart } from './worker-loop.ts'

const createClosedFault = (): Fault => new Fault('cancelled', 'the generator is closed')

/**
 * A generator in this thread, behind the same port as {@link createWorkerGenerator}.
 *
 * @throws Fault as `createGenerator`
 */
export function createLocalGenerator(options: GeneratorOptions, fromMs: number): GeneratorPort {
  const generator = createGenerator(options, fromMs)
  let closed = false
  return {
    async advance(untilMs, maxRecords) {
      if (closed) throw createClosedFault()
      return generator.advance(untilMs, maxRecords)
    },
    get nowMs() {
      return generator.nowMs
    },
    measureThread: () => null,
    async close() {
      closed = true
    },
  }
}

interface Waiting {
  readonly resolve: (records: readonly GeneratedRecord[]) => void
  readonly reject: (fault: Fault) => void
}

/**
 * A generator in a thread of its own. Records come back as views of one transferred buffer per call; the worker makes
 * the next ones while the caller works on the last, if the caller asks ahead.
 *
 * @param workerUrl the built `generator.worker`
 */
export function createWorkerGenerator(workerUrl: URL, options: GeneratorOptions, fromMs: number): GeneratorPort {
  const workerData: WorkerStart = { options, fromMs }
  const worker = new Worker(workerUrl, { workerData })
  let waiting: Waiting[] = []
  let failure: Fault | null = null
  let nowMs = fromMs
  let heapBytes = 0
  let looked = worker.performance.eventLoopUtilization()

  const fail = (fault: Fault): void => {
    failure ??= fault
    const rejected = waiting
    waiting = []
    for (const { reject } of rejected) reject(failure)
  }
  worker.on('message', (reply: AdvanceReply) => {
    ;({ heapBytes, nowMs } = reply)
    waiting.shift()?.resolve(unpackRecords(reply.packed))
  })
  worker.on('error', (cause) => fail(new Fault('internal', 'the generator has failed', { cause })))
  worker.on('exit', (code) => fail(new Fault('internal', `the generator ended by itself with code ${code}`)))

  return {
    advance(untilMs, maxRecords) {
      if (failure) return Promise.reject(failure)
      const request: AdvanceRequest = { untilMs, maxRecords }
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        worker.postMessage(request, [])
      })
    },
    get nowMs() {
      return nowMs
    },
    measureThread() {
      if (failure) return null
      const now = worker.performance.eventLoopUtilization()
      const { utilization } = worker.performance.eventLoopUtilization(now, looked)
      looked = now
      return { heapBytes, cpuPercent: Math.round(utilization * 1_000) / 10 }
    },
    async close() {
      fail(createClosedFault())
      await worker.terminate()
    },
  }
}
