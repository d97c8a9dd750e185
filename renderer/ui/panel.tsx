import type { ReactNode } from 'react'
import './panel.css'
import { classNames } from './class-names.ts'

interface PanelProps {
  readonly title: ReactNode
  /** Right of the title: range, instant or summary of the data. */
  readonly aside?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** A framed part of a page with a title. */
export function Panel({ title, aside, className, children }: PanelProps) {
  return (
    <section className={classNames('panel', className)}>
      <header className="panel-header">
        <h2 className="panel-title">{title}</h2>
        <div className="panel-aside">{aside}</div>
      </header>
      {children}
    </section>
  )
}
