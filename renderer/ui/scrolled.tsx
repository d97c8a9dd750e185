import type { ReactNode, Ref } from 'react'
import './table.css'

interface ScrolledProps {
  /** What it holds, for those who do not see it. */
  readonly label: string
  readonly children: ReactNode
  readonly ref?: Ref<HTMLDivElement>
}

/** A region that scrolls, by keys too. */
export const Scrolled = ({ label, children, ref }: ScrolledProps) => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
  <div className="table-scroll" tabIndex={0} role="region" aria-label={label} ref={ref}>
    {children}
  </div>
)
