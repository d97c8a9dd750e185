import type { WireCell } from '../protocol/commands.ts'

/** A cell as text: nothing for null, JSON for lists and objects. */
export const showCell = (cell: WireCell): string => {
  if (cell === null) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

const plainNumber = /^[-+]?\d+(\.\d+)?$/

/**
 * What a spreadsheet takes for the beginning of a formula, also in wide letters and behind what it drops: OWASP, "CSV
 * Injection".
 */
const formulaStart = /^(?:[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\s]*[=+\-@＝＋－＠]|[\t\r\n])/u

/** RFC 4180, and quotes around what is a separator to a spreadsheet of another locale. */
const needsQuotes = /[",;\t\r\n]/

/**
 * One cell of a CSV line. What a spreadsheet would take for a formula is made plain text by a leading apostrophe; numbers
 * are left alone.
 */
export function quoteCsv(cell: WireCell): string {
  const text = showCell(cell)
  const safe = !plainNumber.test(text) && formulaStart.test(text) ? `'${text}` : text
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One line of CSV, with its end. */
export const formatCsvLine = (cells: readonly WireCell[]): string => `${cells.map(quoteCsv).join(',')}\r\n`
