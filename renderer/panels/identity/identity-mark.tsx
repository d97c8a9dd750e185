import { Check, X } from 'lucide-react'
import type { RecordCounts } from '../../../core/protocol/board.ts'
import { unaccounted } from '../../stores/identity.ts'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'

/** Says whether the outcomes add up to what was received. */
export function IdentityMark({ records }: { readonly records: RecordCounts }) {
  const formats = useFormats()
  const off = unaccounted(records)
  const Icon = off === 0 ? Check : X
  return (
    <span className={`identity-mark ${off === 0 ? 'is-good' : 'is-bad'}`}>
      <Icon size={13} strokeWidth={2} aria-hidden />
      {off === 0 ? words.identity.exact : words.identity.off(formats.count(Math.abs(off)))}
    </span>
  )
}
