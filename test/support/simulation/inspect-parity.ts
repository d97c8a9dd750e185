import { chooseCustomerHash } from '../../../core/parity/customer-hash.ts'
import { createReplay, type ReplayedWindow } from '../../../core/parity/replay.ts'
import type { OracleEvent } from '../oracle-event.ts'
import { estimateOf } from './expected-sketch.ts'
import type { World } from './world.ts'

type Sale = Extract<OracleEvent, { type: 'sale' }>

interface SparkWindow {
  readonly storeId: number
  readonly startMs: number
  count: number
  cents: bigint
  late: number
  readonly customers: Set<string>
}

const keyOf = ({ startMs, storeId }: { readonly startMs: number; readonly storeId: number }): string =>
  `${storeId}@${startMs}`

/** What Spark makes of these batches, by the rule that each closes by its own watermark and drops by the one before. */
function countAsSpark({ scenario }: World, batches: readonly (readonly Sale[])[], dropsByOwn: boolean) {
  const windows = new Map<string, SparkWindow>()
  let newestMs = Number.NEGATIVE_INFINITY
  let watermarkMs = 0
  for (const sales of batches) {
    const beforeMs = watermarkMs
    watermarkMs = Math.max(watermarkMs, newestMs - scenario.latenessMs)
    for (const { cents, customerId, storeId, timeMs } of sales) {
      newestMs = Math.max(newestMs, timeMs)
      const startMs = Math.floor(timeMs / scenario.windowSizeMs) * scenario.windowSizeMs
      const none = { storeId, startMs, count: 0, cents: 0n, late: 0, customers: new Set<string>() }
      const window: SparkWindow = windows.get(keyOf(none)) ?? none
      windows.set(keyOf(none), window)
      if (startMs + scenario.windowSizeMs <= (dropsByOwn ? watermarkMs : beforeMs)) window.late += 1
      else {
        window.count += 1
        window.cents += cents
        window.customers.add(customerId)
      }
    }
  }
  return { windows, watermarkMs }
}

const describe = ({
  cents,
  customers,
  isFinal,
  lateSales,
  transactions,
}: Omit<ReplayedWindow, 'storeId' | 'startMs' | 'endMs'>): string =>
  `${transactions} sales of ${cents} cents by ${customers}, ${lateSales} late, ${isFinal ? 'final' : 'open'}`

/** Takes the epochs for the batches of a Spark query, and compares what parity counts of them with Spark's rule. */
export function inspectParity(world: World, batches: readonly (readonly Sale[])[]): void {
  const { latenessMs, seed, windowSizeMs } = world.scenario
  const allowsMultiple = seed % 3 !== 0
  const replay = createReplay({ latenessMs, windowSizeMs, allowsMultiple, hashCustomer: chooseCustomerHash('string') })
  for (const [number, sales] of batches.entries()) {
    replay.beginBatch(number, null)
    for (const { cents, timeMs, ...sale } of sales)
      replay.addSale({ ...sale, cents: Number(cents), eventTimeMs: timeMs })
    replay.endBatch()
  }
  const { watermarkMs, windows } = countAsSpark(world, batches, !allowsMultiple)
  const replayed = replay.read().windows
  if (replayed.length !== windows.size) world.report('parity', `${replayed.length} windows, not ${windows.size}`)
  for (const window of replayed) {
    const expected = windows.get(keyOf(window))
    if (!expected) {
      world.report('parity', `${keyOf(window)} should not be there`)
      continue
    }
    const wanted = describe({
      transactions: expected.count,
      cents: expected.cents,
      customers: estimateOf(expected.customers),
      lateSales: expected.late,
      isFinal: expected.startMs + windowSizeMs <= watermarkMs,
    })
    if (describe(window) !== wanted) world.report('parity', `${keyOf(window)}: ${describe(window)}; not ${wanted}`)
  }
}
