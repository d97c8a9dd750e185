/** What shells around the engine may use of it: the host's and the command line's door to the folders behind. */
export { formatRef } from '../events/record.ts'
export type { AppendRecord } from '../events/record.ts'
export { eventTopics, isEventTopic } from '../events/topics.ts'
export { formatCents } from '../metrics/board.ts'
export type { LateEntry, QuarantineEntry } from '../warehouse/warehouse.ts'
export { parseRef } from './readmission.ts'
export { openStation, type Station } from './station.ts'
