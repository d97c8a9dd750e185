import type { QualitySeries, SeriesRequest } from '../../protocol/views.ts'
import { type Ask, numberAt, sqlInstant, sqlStep, textAt } from './ask.ts'

/**
 * Rejected and late records by step of the instant they were read. What the bounded ledgers no longer hold is missing:
 * the totals of the board are the exact ones.
 */
export async function readQuality(ask: Ask, request: Omit<SeriesRequest, 'storeId'>): Promise<QualitySeries> {
  const { fromMs, untilMs, stepMs } = request
  const steps = Math.max(0, Math.ceil((untilMs - fromMs) / stepMs))
  const zeros = (): number[] => Array.from({ length: steps }, () => 0)
  const startMs = Array.from({ length: steps }, (_, index) => fromMs + index * stepMs)
  const late = zeros()
  const reasons = new Map<string, number[]>()
  if (steps === 0) return { stepMs, startMs, late, reasons: {} }
  const isIn = (column: string): string => `${column} >= ${sqlInstant(fromMs)} AND ${column} < ${sqlInstant(untilMs)}`
  const rows = await ask(
    `SELECT reason, ${sqlStep('seen_at', fromMs, stepMs)}, count(*)::DOUBLE PRECISION FROM storepulse.quarantine
      WHERE ${isIn('seen_at')} GROUP BY 1, 2
    UNION ALL
    SELECT NULL, ${sqlStep('appended_at', fromMs, stepMs)}, count(*)::DOUBLE PRECISION FROM storepulse.late
      WHERE ${isIn('appended_at')} GROUP BY 1, 2`,
  )
  for (const row of rows) {
    const reason = row[0] === null ? null : textAt(row, 0)
    const line = reason === null ? late : (reasons.get(reason) ?? zeros())
    if (reason !== null) reasons.set(reason, line)
    line[numberAt(row, 1)] = numberAt(row, 2)
  }
  return { stepMs, startMs, late, reasons: Object.fromEntries(reasons) }
}
