import { outcomes, type RecordCounts } from '../../core/protocol/board.ts'

/** Records received that no outcome accounts for: 0 when the identity holds. */
export const unaccounted = (records: RecordCounts): number =>
  records.received - outcomes.reduce((sum, outcome) => sum + records[outcome], 0)
