import { useEffect, useLayoutEffect, useState } from 'react'
import type { Model } from '../model.ts'
import { type PageName, pageNames, pageRoute, readRoute } from '../stores/route.ts'
import { createFilterKey, type FilterKey } from './filter-key.ts'
import { areKeysFree, releaseFocus } from './shortcuts.ts'
import { currentRoute, goTo } from './use-route.ts'

interface KeyTargets {
  readonly openPalette: () => void
  readonly openHelp: () => void
}

/** What a single key does here; null where it does nothing. */
function findAction(key: string, model: Model, targets: KeyTargets, filterKey: FilterKey): (() => void) | null {
  const page = /^[1-9]$/.test(key) ? pageNames[Number(key) - 1] : undefined
  if (page !== undefined) return () => goTo(pageRoute(page))
  switch (key) {
    case '/':
      return filterKey.find(readRoute(currentRoute()).page)
    case 'c':
    case 'C':
      return model.trade.getState().comparedHour === null
        ? null
        : () => model.view.setState(({ compare }) => ({ compare: !compare }))
    case ' ':
      return () => model.board.hold(!model.board.getState().isHeld)
    case '?':
      return targets.openHelp
    default:
      return null
  }
}

/** The keys that act anywhere in the app, on whichever page is shown. */
export function useKeys(model: Model, targets: KeyTargets, page: PageName): void {
  const [filterKey] = useState(() => createFilterKey(page, () => performance.now()))
  useLayoutEffect(() => filterKey.show(page), [filterKey, page])
  useEffect(() => {
    const cancel = (): void => filterKey.cancel()
    window.addEventListener('pointerdown', cancel, true)
    return () => window.removeEventListener('pointerdown', cancel, true)
  }, [filterKey])
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      filterKey.cancel()
      if (event.defaultPrevented) return
      const isCommand = event.ctrlKey || event.metaKey
      if (isCommand && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return targets.openPalette()
      }
      if (isCommand && event.key === ',') {
        event.preventDefault()
        return goTo(pageRoute('settings'))
      }
      if (isCommand || event.altKey || event.repeat || !model.view.getState().keys) return
      if (!areKeysFree(document.activeElement)) return
      const action = findAction(event.key, model, targets, filterKey)
      if (action === null) return
      event.preventDefault()
      releaseFocus()
      action()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [model, targets, filterKey])
}
