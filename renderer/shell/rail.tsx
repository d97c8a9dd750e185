import { BadgeCheck, Cable, LayoutDashboard, type LucideIcon, Settings, Store, Workflow } from 'lucide-react'
import { type PageName, pageNames, pageRoute } from '../stores/route.ts'
import { useBoard } from '../use-model.ts'
import { Hint } from '../ui/hint.tsx'
import { classNames } from '../ui/class-names.ts'
import { words } from '../words.ts'
import './rail.css'

const icons: Readonly<Record<(typeof pageNames)[number], LucideIcon>> = {
  overview: LayoutDashboard,
  stores: Store,
  quality: BadgeCheck,
  pipeline: Workflow,
  connections: Cable,
  settings: Settings,
}

/** How many alerts fire, as a figure on the page where they are listed. */
function Firing() {
  const count = useBoard(({ board }) => board?.alerts.length ?? 0)
  if (count === 0) return null
  return (
    <span className="rail-count" aria-label={words.alerts.firing(count)} role="img">
      {count}
    </span>
  )
}

/** The pages. */
export function Rail({ page }: { readonly page: PageName }) {
  return (
    <nav className="rail" aria-label={words.frame.navigation}>
      <p className="rail-brand" aria-hidden>
        <span className="rail-brand-full">
          Store<em>pulse</em>
        </span>
      </p>
      <ul className="rail-pages">
        {pageNames.map((name, index) => {
          const Icon = icons[name]
          const isHere = page === name || (page === 'about' && name === 'settings')
          return (
            <li key={name} className={classNames(name === 'settings' && 'rail-last')}>
              <Hint text={words.pages[name]} shortcut={String(index + 1)} side="right">
                <a
                  href={`#${pageRoute(name)}`}
                  className={classNames('rail-link', isHere && 'rail-here')}
                  {...(isHere ? { 'aria-current': 'page' as const } : {})}
                >
                  <Icon size={16} strokeWidth={1.75} aria-hidden />
                  <span className="rail-name">{words.pages[name]}</span>
                  {name === 'overview' && <Firing />}
                </a>
              </Hint>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
