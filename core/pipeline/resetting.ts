import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toFault } from '../base/fault.ts'
import type { AuditEntry } from '../warehouse/warehouse.ts'
import type { BuildInputs } from './build.ts'
import type { Station } from './station.ts'
import { appendToTrail, listTrail } from './trail.ts'

async function readTrail(station: Pick<Station, 'warehouse'>, { logger }: BuildInputs): Promise<readonly AuditEntry[]> {
  try {
    return await listTrail(await station.warehouse())
  } catch (error) {
    // A damaged warehouse is one of the reasons to begin anew.
    logger.warn('the audit trail could not be read and goes too', { reason: toFault(error, 'reading').message })
    return []
  }
}

/**
 * Deletes the log and the numbers of a directory this process owns. The audit trail goes on: nothing ever leaves it.
 *
 * @param who asked for it
 */
export async function resetStation(
  station: Pick<Station, 'stop' | 'warehouse'>,
  inputs: BuildInputs,
  who: string,
): Promise<void> {
  const { clock, paths } = inputs
  const keepsTrail = inputs.settings.profile.rowsTo === 'duckdb'
  const trail = keepsTrail ? await readTrail(station, inputs) : []
  await station.stop(0)
  await rm(paths.log, { recursive: true, force: true })
  await rm(dirname(paths.warehouse), { recursive: true, force: true })
  const detail = 'every event and number was deleted'
  const reset = { atMs: clock.nowMs(), who, action: 'reset', subject: paths.root, detail }
  await appendToTrail(inputs, [...trail, reset])
}
