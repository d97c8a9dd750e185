/** The page's own ground in both themes, as in renderer/tokens.css: no other colour flashes before the page is drawn. */
export const grounds = { dark: '#0b0e13', light: '#f4f6f9' } as const
