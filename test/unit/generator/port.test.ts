import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { unpackRecords } from '../../../core/generator/packed.ts'
import { createLocalGenerator, createWorkerGenerator } from '../../../core/generator/port.ts'
import { type AdvanceReply, serveGenerator } from '../../../core/generator/worker-loop.ts'
import { describeRecords, fromMs, optionsWith, takeFor } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'storepulse-generator-'))
const workerUrl = pathToFileURL(join(folder, 'generator.worker.mjs'))
const options = optionsWith({ rate: 300, disorder: { late: 0.05, duplicate: 0.05, invalid: 0.05 } })

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { target: 'node', noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('../../../core/generator/generator.worker.ts', import.meta.url)),
      outDir: folder,
      rolldownOptions: { output: { entryFileNames: 'generator.worker.mjs' } },
    },
  })
})

afterAll(() => rmSync(folder, { recursive: true }))

it('sends the same records from a worker as from this thread', async () => {
  const expected = describeRecords(takeFor(options, 20_000))
  const worker = createWorkerGenerator(workerUrl, options, fromMs)
  const local = createLocalGenerator(options, fromMs)
  for (const port of [worker, local]) {
    const chunks = await Promise.all([
      port.advance(fromMs + 5_000, 1_000),
      port.advance(fromMs + 20_000, 700),
      port.advance(fromMs + 20_000, 100_000),
    ])
    expect(chunks.map((chunk) => chunk.length)).toEqual([1_000, 700, 4_300])
    expect(describeRecords(chunks.flat())).toEqual(expected)
    expect(port.nowMs).toBe(fromMs + 20_000)
    const thread = port.measureThread()
    expect(thread === null).toBe(port === local)
    if (thread) expect([thread.heapBytes > 1_000_000, thread.cpuPercent > 0]).toEqual([true, true])
    await port.close()
    expect(port.measureThread()).toBeNull()
  }
})

it('refuses to advance once it is closed, and answers those who wait', async () => {
  const worker = createWorkerGenerator(workerUrl, options, fromMs)
  const waiting = worker.advance(fromMs + 1_000, 10)
  const closed = worker.close()
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  await closed
  await worker.close()
  await expect(worker.advance(fromMs + 1_000, 10)).rejects.toMatchObject({ code: 'cancelled' })
  const local = createLocalGenerator(options, fromMs)
  await local.close()
  await expect(local.advance(fromMs + 1_000, 10)).rejects.toMatchObject({ code: 'cancelled' })
})

it('says so when the worker fails', async () => {
  const broken = createWorkerGenerator(workerUrl, optionsWith({ stores: 0 }), fromMs)
  await expect(broken.advance(fromMs + 1_000, 10)).rejects.toMatchObject({ code: 'internal', message: /has failed/ })
  await expect(broken.advance(fromMs + 1_000, 10)).rejects.toMatchObject({ code: 'internal' })
  await broken.close()
  const file = join(folder, 'ends.mjs')
  writeFileSync(file, 'process.exit(3)')
  const ended = createWorkerGenerator(pathToFileURL(file), options, fromMs)
  await expect(ended.advance(fromMs + 1_000, 10)).rejects.toThrow('the generator ended by itself with code 3')
  await ended.close()
})

it('hands over one buffer for each call', async () => {
  const { port1: parent, port2: child } = new MessageChannel()
  serveGenerator(child, { options, fromMs })
  const reply = await new Promise<AdvanceReply>((resolve) => {
    parent.once('message', resolve)
    parent.postMessage({ untilMs: fromMs + 2_000, maxRecords: 10_000 }, [])
  })
  expect(reply.nowMs).toBe(fromMs + 2_000)
  expect(describeRecords(unpackRecords(reply.packed))).toEqual(describeRecords(takeFor(options, 2_000)))
  parent.close()
})
