/** Colours and type of charts, read from the tokens of the page. */
export interface ChartTheme {
  readonly panel: string
  readonly raised: string
  readonly line: string
  readonly edge: string
  readonly text: string
  readonly dim: string
  readonly faint: string
  readonly accent: string
  readonly good: string
  readonly warn: string
  readonly bad: string
  readonly barFinal: string
  readonly barOpen: string
  readonly barEdge: string
  readonly stores: readonly string[]
  readonly reasons: readonly string[]
  readonly font: string
}

const storeColours = 8
const reasonColours = 11

/** Reads the theme that is on the screen now. */
export function readChartTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const palette = (name: string, length: number): readonly string[] =>
    Array.from({ length }, (_, index) => token(`${name}-${index + 1}`))
  return {
    panel: token('panel'),
    raised: token('raised'),
    line: token('line'),
    edge: token('edge'),
    text: token('text'),
    dim: token('dim'),
    faint: token('faint'),
    accent: token('accent'),
    good: token('good'),
    warn: token('warn'),
    bad: token('bad'),
    barFinal: token('bar-final'),
    barOpen: token('bar-open'),
    barEdge: token('bar-edge'),
    stores: palette('store', storeColours),
    reasons: palette('reason', reasonColours),
    font: token('font'),
  }
}

/** A store's colour, always the same. */
export const colourOfStore = (theme: ChartTheme, storeId: number): string =>
  theme.stores[Math.max(0, storeId - 1) % theme.stores.length] ?? theme.accent
