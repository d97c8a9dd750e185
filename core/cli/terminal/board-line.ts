import { outcomes, type Board } from '../../protocol/board.ts'
import { countUnaccounted } from './identity-lines.ts'
import {
  formatCount,
  formatDateTime,
  formatDecimal,
  formatDuration,
  formatMoney,
  formatPercent,
} from './number-text.ts'
import { cleanText } from './text-width.ts'

/** One line of plain ASCII text, for a log or a pipe where there is no terminal to draw on. */
export function formatLine(board: Board): string {
  const { records, latencyMs, lag } = board
  const duration = (ms: number | null): string => (ms === null ? '-' : formatDuration(ms))
  const unaccounted = countUnaccounted(records)
  const parts = [
    `${formatDateTime(board.at)} ${board.state}${board.reason === null ? '' : ` (${board.reason})`}`,
    `${formatDecimal(board.transactionsPerMinute, 1)} transactions/min`,
    `revenue ${formatMoney(board.revenueLastHour)} in 1 h`,
    `${formatCount(board.activeCustomers)} customers`,
    `latency p50 ${duration(latencyMs.p50)} p99 ${duration(latencyMs.p99)}`,
    `quality ${formatPercent(board.dataQuality)}`,
    `lag ${formatCount(lag.records)}`,
    `received ${formatCount(records.received)} = ${outcomes.map((name) => `${formatCount(records[name])} ${name}`).join(' + ')}`,
    ...(unaccounted === 0 ? [] : [`OFF BY ${formatCount(unaccounted)}`]),
    ...(board.alerts.length === 0
      ? []
      : [`${formatCount(board.alerts.length)} alerts: ${board.alerts[0]?.message ?? ''}`]),
  ]
  return cleanText(parts.join(' | '), false)
}
