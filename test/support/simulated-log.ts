import type { Clock } from '../../core/base/clock.ts'
import { systemClock } from '../../core/base/clock.ts'
import type { EventLog, LogProbe } from '../../core/log/log.ts'
import { openSegmentLog } from '../../core/log/segment/segment-log.ts'
import { createSimulatedDisk, type SimulatedDisk } from './simulated-disk.ts'

export const simulatedDirectory = '/log'

export interface SimulatedLogRequest {
  readonly partitions?: number
  readonly segmentBytes?: number
  readonly probe?: LogProbe
  readonly clock?: Clock
}

/** Opens a log on a simulated disk: 1 partition and one large segment unless wanted otherwise. */
export function openSimulatedLog(disk: SimulatedDisk, request: SimulatedLogRequest = {}): Promise<EventLog> {
  return openSegmentLog({
    directory: simulatedDirectory,
    partitions: 1,
    segmentBytes: 1024 * 1024,
    clock: systemClock,
    files: disk,
    ...request,
  })
}

/** The segment files of a disk, by partition in order of offsets. */
export const segmentPathsOf = (disk: SimulatedDisk): readonly string[] =>
  disk.paths().filter((path) => path.endsWith('.log'))

/** A new disk with the log that `fill` has written, as a process leaves it that was killed. */
export async function makeKilledLog(
  fill: (log: EventLog) => Promise<void>,
  request: SimulatedLogRequest = {},
): Promise<SimulatedDisk> {
  const disk = createSimulatedDisk()
  await fill(await openSimulatedLog(disk, request))
  return disk.copy()
}
