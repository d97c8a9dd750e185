import { createReadingStage } from '../../../core/pipeline/reading.ts'
import { compareWindows, recompute } from '../../../core/pipeline/replay.ts'
import { findLedgerStart, listRetraced } from '../../../core/pipeline/retracing.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { systemClock } from '../../../core/base/clock.ts'
import { createMemoryWarehouse } from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { LogSite } from './log-site.ts'
import { decoderFor, engineOptionsOf } from './station.ts'
import type { World } from './world.ts'

/** The log gone over once more, by the ledger alone, gives the table that there is. */
export async function inspectReplay(world: World, site: LogSite): Promise<void> {
  const { rules, scenario, server } = world
  const progress = await server.warehouse.loadProgress()
  // What is gone, or was judged by other rules, cannot be gone over.
  if (!site.log || !progress || scenario.retains || rules.futureMs !== scenario.futureMs) return
  const scratch = createMemoryWarehouse({ sketch: windowSketch })
  await scratch.claim({ token: 'replay', processId: 1, command: 'replay', atMs: 0 })
  const epochs = await listRetraced(site.log, server.warehouse, 1)
  await recompute({
    log: site.log,
    reading: createReadingStage(decoderFor(scenario.futureMs), site.log),
    engineOptions: engineOptionsOf(scenario),
    finalRowsOnly: scenario.finalRowsOnly,
    clock: { ...systemClock, nowMs: () => world.nowMs() },
    scratch,
    token: 'replay',
    epochs,
    firstEpoch: 1,
    wholeFromMs: 0,
    from: site.ledger ? findLedgerStart(epochs, 1, progress) : [],
    untilSequence: progress.untilSequence,
    speed: 0,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  })
  const all = [0, Number.MAX_SAFE_INTEGER] as const
  const { differences } = compareWindows(await server.warehouse.listWindows(...all), await scratch.listWindows(...all))
  for (const difference of differences) world.report('replay', difference)
}
