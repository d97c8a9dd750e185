import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { createMemoryWarehouse } from '../warehouse/memory/memory-warehouse.ts'
import { windowSketch } from '../base/window-sketch.ts'
import { type BuildInputs, buildReading, readEngineOptions } from './build.ts'
import { openLocalWarehouse } from './local-warehouse.ts'
import { carryOver } from './carry-over.ts'
import { findFirstWholeWindow, seedWarehouse } from './damaged.ts'
import { compareWindows, recompute, type ReplayReport } from './replay.ts'
import { findLedgerStart, listRetraced } from './retracing.ts'
import type { Station } from './station.ts'

export interface ReplayRequest {
  /** Compare windows that start in [fromMs, untilMs). */
  readonly fromMs: number
  readonly untilMs: number
  readonly speed: number
  /** Put the recomputed table in the place of the stored one. */
  readonly isApplied: boolean
  /** Who asked for it, for the audit trail. */
  readonly who: string
  readonly onProgress: (share: number) => void
  readonly signal: AbortSignal
}

/**
 * Recomputes the table from the log and compares it with the stored one, window by window. Windows older than the first
 * whole one the log still holds cannot be recomputed and are left out; applying keeps them as they are.
 */
export async function replayStation(
  station: Station,
  inputs: BuildInputs,
  request: ReplayRequest,
): Promise<ReplayReport> {
  const { log } = station
  const stored = await station.warehouse()
  const progress = await stored.loadProgress()
  const engineOptions = readEngineOptions(inputs.settings)
  const epochs = await listRetraced(log, stored, 1)
  // Going over the ledger starts where it did: whether the log still holds that, its reader tells.
  const firstWholeMs =
    log.order === 'ledger' ? 0 : await findFirstWholeWindow(log, engineOptions.windowSizeMs, inputs.clock.nowMs())
  const isWhole = firstWholeMs === 0
  const nextFolder = `${dirname(inputs.paths.warehouse)}.next`
  if (request.isApplied) await rm(nextFolder, { recursive: true, force: true })
  const scratch = request.isApplied
    ? await openLocalWarehouse(inputs, join(nextFolder, 'warehouse.db'))
    : createMemoryWarehouse({ sketch: windowSketch })
  const token = randomUUID()
  const claim = async (warehouse: Warehouse): Promise<string> => {
    await warehouse.claim({ token, processId: process.pid, command: 'replay', atMs: inputs.clock.nowMs() })
    return token
  }
  const older = isWhole ? [] : await stored.listWindows(0, firstWholeMs)
  if (isWhole) await claim(scratch)
  else await seedWarehouse({ ...inputs, log, engineOptions, claim, wholeFromMs: firstWholeMs }, scratch, older)
  await recompute({
    ...request,
    log,
    reading: buildReading(inputs, log),
    engineOptions,
    finalRowsOnly: inputs.settings.text('window.rows') === 'final',
    clock: inputs.clock,
    scratch,
    token,
    epochs,
    firstEpoch: isWhole ? 1 : 2,
    wholeFromMs: firstWholeMs,
    from: log.order === 'ledger' && progress ? findLedgerStart(epochs, 1, progress) : [],
    untilSequence: progress?.untilSequence ?? 0,
  })
  const fromMs = Math.max(request.fromMs, firstWholeMs)
  const report = compareWindows(
    await stored.listWindows(fromMs, request.untilMs),
    await scratch.listWindows(fromMs, request.untilMs),
  )
  const isPutInPlace = request.isApplied && !request.signal.aborted
  if (isPutInPlace) {
    await carryOver(stored, scratch)
    const { differs, windows } = report
    await scratch.appendAudit({
      atMs: inputs.clock.nowMs(),
      who: request.who,
      action: 'replaced the table',
      subject: 'by replay --apply',
      detail: `${windows} windows compared, ${differs} differed`,
    })
  }
  await scratch.close()
  if (isPutInPlace) await putInPlace(station, inputs, nextFolder)
  return report
}

/** Swaps the folders; the replaced one stays beside it under a dated name. */
async function putInPlace(station: Station, inputs: BuildInputs, nextFolder: string): Promise<void> {
  const folder = dirname(inputs.paths.warehouse)
  const stamp = new Date(inputs.clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-')
  await station.stop(0)
  await rename(folder, `${folder}.replaced-${stamp}`)
  await rename(nextFolder, folder)
}
