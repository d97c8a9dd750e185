import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { useFormats } from '../../use-model.ts'
import { words } from '../../words.ts'

export const pageLength = 50

interface PagerProps {
  readonly offset: number
  /** Rows on this page. */
  readonly count: number
  /** Rows a full page has. */
  readonly length?: number
  readonly onOffset: (offset: number) => void
  /** Left of the pages: what can be done with the selection. */
  readonly children?: ReactNode
  /** Between the two: what the list lacks. */
  readonly note?: string | undefined
}

/** Actions on a list, and its pages. */
export function Pager({ offset, count, length = pageLength, onOffset, children, note }: PagerProps) {
  const formats = useFormats()
  const hasPages = offset > 0 || count === length
  if (!hasPages && children === undefined && note === undefined) return null
  return (
    <div className="pager">
      <div className="pager-actions">{children}</div>
      {note !== undefined && <p className="pager-note">{note}</p>}
      {hasPages && (
        <nav className="pager-pages tabular" aria-label={words.quality.pages}>
          <span>{words.quality.page(formats.count(offset + 1), formats.count(offset + count))}</span>
          <IconButton
            icon={ChevronLeft}
            label={words.quality.previous}
            disabled={offset === 0}
            onClick={() => onOffset(Math.max(0, offset - length))}
          />
          <IconButton
            icon={ChevronRight}
            label={words.quality.next}
            disabled={count < length}
            onClick={() => onOffset(offset + length)}
          />
        </nav>
      )}
    </div>
  )
}
