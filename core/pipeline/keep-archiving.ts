import type { AlertBook } from '../metrics/alerts.ts'
import { startArchiveRounds } from './archive-rounds.ts'
import { openArchiveOf } from './archiving.ts'
import type { BuildInputs } from './build.ts'
import type { Station } from './station.ts'

const alertId = 'archive'

/** Archives hour by hour while a station runs, where its settings name an archive. Returns how to end it. */
export function keepArchiving(
  inputs: BuildInputs,
  station: Pick<Station, 'log' | 'warehouse'>,
  alerts: AlertBook,
): () => Promise<void> {
  const archive = openArchiveOf(inputs)
  if (!archive) return async () => undefined
  const { clock, logger } = inputs
  const endRounds = startArchiveRounds({
    station,
    archive,
    clock,
    logger,
    onTrouble(fault) {
      if (!fault) return alerts.resolve(alertId, clock.nowMs())
      const message = `hours are not archived: ${fault.message}${fault.hint === undefined ? '' : `; ${fault.hint}`}`
      alerts.raise({ id: alertId, kind: 'fault', severity: 'warning', message }, clock.nowMs())
    },
  })
  return async () => {
    await endRounds()
    await archive.close()
  }
}
