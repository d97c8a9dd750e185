import { GitCompareArrows, Monitor, Moon, Pause, Play, Search, Sun } from 'lucide-react'
import { ranges } from '../stores/range.ts'
import { nextTheme } from '../theme.ts'
import { IconButton } from '../ui/button.tsx'
import { Hint } from '../ui/hint.tsx'
import { Segments } from '../ui/segments.tsx'
import { useBoard, useModel, useTrade, useView } from '../use-model.ts'
import { words } from '../words.ts'
import { Figures } from './figures.tsx'
import { paletteShortcut } from './shortcuts.ts'
import './top-bar.css'

const text = words.frame

function RangePicker() {
  const { view } = useModel()
  const range = useView((state) => state.range)
  const hasWeek = useTrade((trade) => trade.hasWeek)
  const offered = ranges.filter((name) => name !== '7d' || hasWeek || range === '7d')
  return (
    <Segments
      label={text.range}
      value={range}
      segments={offered.map((value) => ({ value, label: words.ranges[value].short, title: words.ranges[value].long }))}
      onChange={(chosen) => view.setState({ range: chosen })}
    />
  )
}

function CompareToggle() {
  const { view } = useModel()
  const isOn = useView((state) => state.compare)
  const hasYesterday = useTrade((trade) => trade.comparedHour !== null)
  return (
    <Hint text={hasYesterday ? text.compareOn : text.compareMissing} shortcut="C">
      <button
        type="button"
        className="button"
        aria-label={text.compare}
        aria-pressed={isOn && hasYesterday}
        aria-disabled={!hasYesterday}
        onClick={() => hasYesterday && view.setState({ compare: !isOn })}
      >
        <GitCompareArrows size={14} strokeWidth={1.75} aria-hidden />
        <span className="top-word">{text.compare}</span>
      </button>
    </Hint>
  )
}

function HoldButton() {
  const { board } = useModel()
  const isHeld = useBoard((state) => state.isHeld)
  return (
    <IconButton
      icon={isHeld ? Play : Pause}
      label={isHeld ? text.release : text.hold}
      shortcut="Space"
      aria-pressed={isHeld}
      onClick={() => board.hold(!isHeld)}
    />
  )
}

const themeIcons = { system: Monitor, dark: Moon, light: Sun }

function ThemeButton() {
  const { view } = useModel()
  const theme = useView((state) => state.theme)
  return (
    <IconButton
      icon={themeIcons[theme]}
      label={text.theme(words.themes[theme])}
      onClick={() => view.setState({ theme: nextTheme[theme] })}
    />
  )
}

/** What is watched, over which span, and the tools that act on the whole screen. */
export function TopBar({ onPalette }: { readonly onPalette: () => void }) {
  return (
    <header className="top">
      <Figures />
      <div className="top-tools">
        <RangePicker />
        <CompareToggle />
        <HoldButton />
        <ThemeButton />
        <Hint text={text.palette} shortcut={paletteShortcut}>
          <button type="button" className="button" aria-label={text.palette} onClick={onPalette}>
            <Search size={14} strokeWidth={1.75} aria-hidden />
            <span className="top-word">{paletteShortcut}</span>
          </button>
        </Hint>
      </div>
    </header>
  )
}
