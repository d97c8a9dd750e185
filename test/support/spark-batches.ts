import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DistinctSketch } from '../../core/base/distinct.ts'
import { createHash64, hashText } from '../../core/base/hash64.ts'
import { windowSketch } from '../../core/base/window-sketch.ts'
import { createDecoder } from '../../core/events/decode.ts'
import type { Decoded } from '../../core/events/decoded.ts'
import { salesTopic } from '../../core/events/topics.ts'
import { createLogRecord } from './log-record.ts'

/** What a Spark query has to have written, recomputed from its checkpoint and the values of its topic. */

export interface SparkBatch {
  /** First offset of each partition that is not of this batch any more. */
  readonly until: readonly number[]
  /** The watermark that the batch closes windows by. */
  readonly watermarkMs: number
}

/** The batches a checkpoint plans, in order. */
export function readCheckpoint(directory: string, topic: string): readonly SparkBatch[] {
  return readdirSync(join(directory, 'offsets'))
    .filter((name) => /^\d+$/.test(name))
    .toSorted((a, b) => Number(a) - Number(b))
    .map((name) => {
      const lines = readFileSync(join(directory, 'offsets', name), 'utf8')
        .trimEnd()
        .split('\n')
      const { batchWatermarkMs } = JSON.parse(lines[1] ?? '{}') as { readonly batchWatermarkMs: number }
      const offsets = JSON.parse(lines[2] ?? '{}') as Record<string, Record<string, number>>
      const until = Object.entries(offsets[topic] ?? {}).toSorted(([a], [b]) => Number(a) - Number(b))
      return { until: until.map(([, offset]) => offset), watermarkMs: batchWatermarkMs }
    })
}

const decoder = createDecoder({ futureMs: 300_000, zone: 'UTC' })

/** What the pipeline makes of a value of the sales topic; without `nowMs` nothing lies in its future. */
export const decodeSale = (value: Buffer | null, nowMs = Number.MAX_SAFE_INTEGER): Decoded =>
  decoder.decode(createLogRecord(salesTopic, value), nowMs)

interface Counted {
  readonly startMs: number
  readonly storeId: number
  transactions: number
  cents: bigint
  readonly customers: DistinctSketch
}

export interface ExpectedRows {
  /** `start|store|transactions|revenue|customers|average`, sorted. */
  readonly rows: readonly string[]
  readonly late: number
  readonly invalid: number
}

const minuteMs = 60_000
const latenessMs = 600_000
const mostCents = 999_999_999_999n

/** Cents as a decimal. */
const write = (cents: bigint): string => {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

const divide = (cents: bigint, count: bigint): bigint => {
  const size = cents < 0n ? -cents : cents
  const quotient = (2n * size + count) / (2n * count)
  return cents < 0n ? -quotient : quotient
}

function writeRow({ startMs, storeId, transactions, cents, customers }: Counted): string {
  const fits = cents <= mostCents && cents >= -mostCents
  const start = new Date(startMs).toISOString().slice(0, 19).replace('T', ' ')
  const money = fits
    ? [write(cents), customers.estimate(), write(divide(cents, BigInt(transactions)))]
    : ['', customers.estimate(), '']
  return [start, storeId, transactions, ...money].join('|')
}

/**
 * @param partitions values of each partition in the order of their offsets
 * @param mode `append`: only windows that were closed; `update`: all
 */
export function expectRows(
  partitions: readonly (readonly (Buffer | null)[])[],
  batches: readonly SparkBatch[],
  mode: 'append' | 'update',
): ExpectedRows {
  const windows = new Map<string, Counted>()
  const hash = createHash64()
  let [late, invalid, newestMs, lateUntilMs] = [0, 0, 0, 0]
  let from = partitions.map(() => 0)
  for (const { until, watermarkMs } of batches) {
    if (watermarkMs !== Math.max(0, newestMs - latenessMs))
      throw new Error(`watermark ${watermarkMs} after ${newestMs}`)
    for (const [partition, values] of partitions.entries()) {
      for (const value of values.slice(from[partition], until[partition])) {
        const sale = decodeSale(value)
        if (sale.type !== 'sale') {
          invalid += sale.type === 'rejection' ? 1 : 0
          continue
        }
        newestMs = Math.max(newestMs, sale.eventTimeMs)
        const startMs = Math.floor(sale.eventTimeMs / minuteMs) * minuteMs
        if (startMs + minuteMs <= lateUntilMs) {
          late += 1
          continue
        }
        const key = `${startMs}/${sale.storeId}`
        const fresh = { startMs, storeId: sale.storeId, transactions: 0, cents: 0n, customers: windowSketch.create() }
        const window = windows.get(key) ?? fresh
        windows.set(key, window)
        window.transactions += 1
        window.cents += BigInt(sale.cents)
        hashText(sale.customerId, hash)
        window.customers.addHash(hash.high, hash.low)
      }
    }
    from = [...until]
    lateUntilMs = watermarkMs
  }
  const written = [...windows.values()].filter(({ startMs }) => mode === 'update' || startMs + minuteMs <= lateUntilMs)
  return { rows: written.map(writeRow).toSorted(), late, invalid }
}
