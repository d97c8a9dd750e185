import { getHeapStatistics } from 'node:v8'
import type { MessagePort } from 'node:worker_threads'
import { createGenerator } from './create-generator.ts'
import type { GeneratorOptions } from './generator.ts'
import { packRecords } from './packed.ts'

/** What a worker is started with. */
export interface WorkerStart {
  readonly options: GeneratorOptions
  readonly fromMs: number
}

/** One call of `advance`, sent to the worker; calls are answered in order. */
export interface AdvanceRequest {
  readonly untilMs: number
  readonly maxRecords: number
}

/** The worker's answer. `packed` is transferred, not copied. */
export interface AdvanceReply {
  readonly packed: ArrayBuffer
  readonly nowMs: number
  /** Memory of the worker's own heap. */
  readonly heapBytes: number
}

/** Answers every {@link AdvanceRequest} that comes in over the port, until it closes. */
export function serveGenerator(port: MessagePort, { options, fromMs }: WorkerStart): void {
  const generator = createGenerator(options, fromMs)
  port.on('message', ({ untilMs, maxRecords }: AdvanceRequest) => {
    const packed = packRecords(generator.advance(untilMs, maxRecords))
    const { external_memory, total_heap_size } = getHeapStatistics()
    const reply: AdvanceReply = { packed, nowMs: generator.nowMs, heapBytes: total_heap_size + external_memory }
    port.postMessage(reply, [packed])
  })
}
