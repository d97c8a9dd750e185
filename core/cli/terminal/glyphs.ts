/** The signs a frame is drawn with, and what stands for them where only ASCII can be shown. */
export interface Glyphs {
  readonly ellipsis: string
  readonly rule: string
  readonly dot: string
  readonly none: string
  readonly arrow: string
  readonly right: string
  readonly wrong: string
  /** From an eighth of a cell to a whole one; the last is the full cell. */
  readonly bar: readonly string[]
}

export const unicodeGlyphs: Glyphs = {
  ellipsis: '…',
  rule: '─',
  dot: '·',
  none: '–',
  arrow: '→',
  right: '✓',
  wrong: '✗',
  bar: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
}

export const asciiGlyphs: Glyphs = {
  ellipsis: '...',
  rule: '-',
  dot: '-',
  none: '-',
  arrow: '->',
  right: 'ok',
  wrong: 'WRONG',
  bar: ['#'],
}
