import { useEffect, useState } from 'react'
import { readRoute, type Route } from '../stores/route.ts'
import type { ViewStore } from '../stores/view-store.ts'

/** Goes to a place, as a link would. */
export function goTo(route: string): void {
  window.location.hash = route
}

/** The place that was gone to last; the page may still be coming. */
export const currentRoute = (): string => window.location.hash.slice(1)

/** The place behind the # of the address; without one, the place of the last time. */
export function useRoute(view: ViewStore): Route {
  const [text, setText] = useState(() => {
    if (currentRoute() === '') window.history.replaceState(null, '', `#${view.getState().route}`)
    return currentRoute()
  })
  useEffect(() => {
    const follow = (): void => {
      setText(currentRoute())
      view.setState({ route: currentRoute() })
    }
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [view])
  return readRoute(text)
}
