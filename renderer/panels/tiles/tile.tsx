import type { ReactNode } from 'react'
import { Sparkline } from '../../charts/sparkline.tsx'
import { Term } from '../../ui/hint.tsx'
import { Freshness } from './freshness.tsx'
import './tile.css'

interface TileProps {
  readonly name: string
  /** Formula and span. */
  readonly why: string
  readonly figure: string
  /** Change against the compared period, or what stands beside the figure. */
  readonly beside: ReactNode
  readonly trend: readonly number[]
  readonly domain?: readonly [number, number]
  readonly foot: ReactNode
}

/** One figure of the business: what it is now, how it came here, and how fresh it is. */
export function Tile({ name, why, figure, beside, trend, domain, foot }: TileProps) {
  return (
    <section className="tile" aria-label={name}>
      <header className="tile-header">
        <h2 className="tile-name">
          <Term why={why}>{name}</Term>
        </h2>
        <Freshness />
      </header>
      <p className="tile-figure tabular">{figure}</p>
      <p className="tile-beside tabular">{beside}</p>
      <Sparkline values={trend} {...(domain === undefined ? {} : { domain })} className="tile-trend" />
      <p className="tile-foot tabular">{foot}</p>
    </section>
  )
}
