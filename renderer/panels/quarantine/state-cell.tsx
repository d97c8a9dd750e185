import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'

const text = words.quality

/** Whether a record of a ledger is counted after all, and since when. */
export function StateCell({ readmittedAt }: { readonly readmittedAt: string | null }) {
  const formats = useFormats()
  return (
    <td className="column-state">
      {readmittedAt === null ? text.kept : text.readmitted(formats.minute(Date.parse(readmittedAt)))}
    </td>
  )
}
