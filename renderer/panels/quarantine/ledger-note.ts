import type { LedgerSumsAnswer } from '../../../core/protocol/commands.ts'
import { useFormats, usePoll } from '../../use-model.ts'
import { words } from '../../words.ts'

const text = words.quality
export const sumsRefreshMs = 10_000

/** What a ledger's list lacks, as a sentence; undefined where it has everything. */
export function useLedgerNote(ledger: keyof LedgerSumsAnswer['rows']): string | undefined {
  const formats = useFormats()
  const { answer } = usePoll('sumLedgers', '', () => ({}), sumsRefreshMs)
  if (answer === null) return undefined
  const { evicted, purged } = answer.rows[ledger]
  const parts = [
    ...(evicted > 0 ? [text.evicted(formats.count(evicted), evicted)] : []),
    ...(purged > 0 ? [text.purgedRows(formats.count(purged))] : []),
  ]
  return parts.length === 0 ? undefined : parts.join(' · ')
}
