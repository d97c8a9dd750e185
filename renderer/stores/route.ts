/** The pages, in the order of the rail and of the keys 1…9. */
export const pageNames = ['overview', 'stores', 'quality', 'pipeline', 'connections', 'settings'] as const
export type PageName = (typeof pageNames)[number] | 'about'

/** A place in the app: a page, and what is open on it. Written behind the # of the address, so that a reload keeps it. */
export interface Route {
  readonly page: PageName
  /** The store whose sheet is open. */
  readonly storeId: number | null
  /** The quarantined record that is open. */
  readonly record: string | null
  /** The profile whose connection is shown. */
  readonly profile: string | null
}

const storePattern = /^\/stores\/([1-9]\d{0,9})$/
const recordPattern = /^\/quality\/quarantine\/([^/]+\/\d+\/\d+)$/
const profilePattern = /^\/connections\/([a-z0-9][a-z0-9-]{0,63})$/i
const plain: Omit<Route, 'page'> = { storeId: null, record: null, profile: null }

/** The route of a text such as `/stores/7`; what is no route leads to the overview. */
export function readRoute(text: string): Route {
  const store = storePattern.exec(text)?.[1]
  if (store !== undefined) return { ...plain, page: 'stores', storeId: Number(store) }
  const record = recordPattern.exec(text)?.[1]
  if (record !== undefined) return { ...plain, page: 'quality', record }
  const profile = profilePattern.exec(text)?.[1]
  if (profile !== undefined) return { ...plain, page: 'connections', profile }
  const page = [...pageNames, 'about' as const].find((name) => text === `/${name}`)
  return { ...plain, page: page ?? 'overview' }
}

export const storeRoute = (storeId: number): string => `/stores/${storeId}`
export const recordRoute = (ref: string): string => `/quality/quarantine/${ref}`
export const profileRoute = (profile: string): string => `/connections/${profile}`
export const pageRoute = (page: PageName): string => `/${page}`
