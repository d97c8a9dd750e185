import { words } from '../../words.ts'
import type { Selection } from './use-selection.ts'

const text = words.quality

/** Head of the column of boxes: chooses all of these records, or none. */
export const SelectAllHead = ({
  refs,
  selection,
}: {
  readonly refs: readonly string[]
  readonly selection: Selection
}) => (
  <th scope="col" className="column-select">
    <input
      type="checkbox"
      aria-label={text.selectAll}
      checked={refs.length > 0 && refs.every((ref) => selection.has(ref))}
      onChange={() => selection.toggleAll(refs)}
    />
  </th>
)

export const SelectCell = ({ record, selection }: { readonly record: string; readonly selection: Selection }) => (
  <td className="column-select">
    <input
      type="checkbox"
      aria-label={text.selectRecord(record)}
      checked={selection.has(record)}
      onChange={() => selection.toggle(record)}
    />
  </td>
)
