import { ChartLine, Grid3x3, Search, Table2, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { storeModes } from '../../stores/view-store.ts'
import { Segments } from '../../ui/segments.tsx'
import { useModel, useView } from '../../use-model.ts'
import { words } from '../../words.ts'
import '../../ui/field.css'

const text = words.stores
const icons = { table: Table2, chart: ChartLine, heat: Grid3x3 }
/** Typing is followed after a short rest, not letter by letter. */
const restMs = 150

/** The filter field; what is typed is kept across starts. */
function Filter() {
  const { view } = useModel()
  // Only this field sets it: taken back from the view, it would undo what was typed meanwhile.
  const [typed, setTyped] = useState(() => view.getState().stores.filter)
  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed !== view.getState().stores.filter)
        view.setState(({ stores }) => ({ stores: { ...stores, filter: typed } }))
    }, restMs)
    return () => clearTimeout(timer)
  }, [typed, view])
  return (
    <div className="field field-search">
      <Search size={14} strokeWidth={1.75} aria-hidden />
      <input
        data-filter
        aria-label={text.filter}
        placeholder={text.filter}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setTyped(target.value)}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== 'Escape') return
          setTyped('')
          currentTarget.blur()
        }}
      />
      {typed === '' ? (
        <kbd className="field-key" aria-hidden>
          /
        </kbd>
      ) : (
        <button type="button" className="field-clear" aria-label={text.clear} onClick={() => setTyped('')}>
          <X size={14} strokeWidth={1.75} aria-hidden />
        </button>
      )}
    </div>
  )
}

/** Filter and the three ways to look at stores. */
export function StoreTools() {
  const { view } = useModel()
  const mode = useView((state) => state.stores.mode)
  return (
    <div className="stores-tools">
      <Filter />
      <Segments
        label={text.view}
        value={mode}
        segments={storeModes.map((value) => {
          const Icon = icons[value]
          return {
            value,
            title: text.views[value],
            label: (
              <>
                <Icon size={14} strokeWidth={1.75} aria-hidden />
                {text.views[value]}
              </>
            ),
          }
        })}
        onChange={(chosen) => view.setState(({ stores }) => ({ stores: { ...stores, mode: chosen } }))}
      />
    </div>
  )
}
