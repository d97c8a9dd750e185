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
  readonly font: string
}

const storeColours = 8

/** Reads the theme that is on the screen now. */
export function readChartTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
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
    stores: Array.from({ length: storeColours }, (_, index) => token(`store-${index + 1}`)),
    font: token('font'),
  }
}

/** A store's colour, always the same; past eight stores the dash tells those of one colour apart. */
export function styleOfStore(theme: ChartTheme, storeId: number): { readonly colour: string; readonly dash: number[] } {
  const index = Math.max(0, storeId - 1)
  const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]]
  return {
    colour: theme.stores[index % theme.stores.length] ?? theme.accent,
    dash: dashes[Math.floor(index / theme.stores.length) % dashes.length] ?? [],
  }
}
