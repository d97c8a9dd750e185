import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { build } from 'vite'
import { expect, it } from 'vitest'
import { formatLine } from '../../../core/cli/terminal/board-line.ts'
import { detectTerminal } from '../../../core/cli/terminal/capabilities.ts'
import {
  formatCount,
  formatDateTime,
  formatDecimal,
  formatDuration,
  formatMoney,
  formatPercent,
  formatSize,
} from '../../../core/cli/terminal/number-text.ts'
import { fitLine, measureLine, paintLine, span, wrapPieces } from '../../../core/cli/terminal/styled-line.ts'
import { cleanText, measureWidth, truncateText } from '../../../core/cli/terminal/text-width.ts'
import { emptyBoard, sampleAlerts, sampleBoard } from './sample-board.ts'

it.each([
  ['plain', 5],
  ['', 0],
  ['東京', 4],
  ['ｆｕｌｌ', 8],
  ['한국', 4],
  ['e\u0301', 1],
  ['👍', 2],
  ['👍🏽', 2],
  ['👩‍👩‍👧‍👦', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['zero\u200bwidth', 9],
  ['Ağrı', 4],
  ['…–·█▏✓', 6],
])('measures %j as %i columns', (text, width) => {
  expect(measureWidth(text)).toBe(width)
})

it('cuts a text to what fits, between what a reader takes for letters', () => {
  expect(truncateText('storepulse', 10, '…')).toBe('storepulse')
  expect(truncateText('storepulse', 9, '…')).toBe('storepul…')
  expect(truncateText('東京タワー', 6, '…')).toBe('東京…')
  expect(truncateText('ab👩‍👩‍👧‍👦c', 3, '…')).toBe('ab…')
  expect(truncateText('abcdef', 2, '...')).toBe('..')
  expect(truncateText('abcdef', 0, '…')).toBe('')
})

it('never cuts to more columns than asked', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 20 }), (text, columns) => {
      expect(measureWidth(truncateText(text, columns, '…'))).toBeLessThanOrEqual(Math.max(columns, 0))
    }),
  )
})

it('cleans text of what would move the cursor, and of all but ASCII when asked', () => {
  expect(cleanText('a\x1b[31mb\nc\u2028d', true)).toBe('a [31mb c d')
  expect(cleanText('Ağrı 東', false)).toBe('A?r? ?')
})

it('groups digits and keeps decimals as they are', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect(formatCount(999)).toBe('999')
  expect(formatCount(-1_000)).toBe('-1,000')
  expect(formatDecimal(1_234.56, 1)).toBe('1,234.6')
  expect(formatMoney('9007199254740993.07')).toBe('9,007,199,254,740,993.07')
  expect(formatMoney('-100.00')).toBe('-100.00')
  expect(formatMoney('-1000.00')).toBe('-1,000.00')
})

it('never rounds a quality up to 100', () => {
  expect(formatPercent(99.999_9)).toBe('99.99 %')
  expect(formatPercent(100)).toBe('100.00 %')
  expect(formatPercent(0)).toBe('0.00 %')
  expect(formatPercent(99.29)).toBe('99.29 %')
})

it.each([
  [0, '0.0 ms'],
  [0.44, '0.4 ms'],
  [9.96, '10 ms'],
  [48.2, '48 ms'],
  [999.6, '1.0 s'],
  [1_249, '1.2 s'],
  [99_960, '1.7 min'],
  [600_000, '10.0 min'],
  [7_560_000, '2.1 h'],
])('shows %d ms as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text)
})

it('shows sizes and instants', () => {
  expect(formatSize(0)).toBe('0 B')
  expect(formatSize(1_500)).toBe('1.5 kB')
  expect(formatSize(181_900_000)).toBe('182 MB')
  expect(formatDateTime('2026-11-22T12:45:01.482Z')).toBe('2026-11-22 12:45:01 UTC')
})

it('paints tones only when colour is asked for, and no trailing space', () => {
  const line = [span('a', 'bad'), span(' '), span('b'), span('  ', 'quiet')]
  expect(paintLine(line, false)).toBe('a b')
  expect(paintLine(line, true)).toBe('\x1b[1;31ma\x1b[0m b')
})

it('cuts a line of several tones once, at its end', () => {
  const line = [span('abc', 'good'), span('def'), span('ghi', 'bad')]
  expect(paintLine(fitLine(line, 9, '…'), false)).toBe('abcdefghi')
  expect(paintLine(fitLine(line, 6, '…'), false)).toBe('abcde…')
  expect(paintLine(fitLine(line, 3, '…'), false)).toBe('ab…')
  expect(measureLine(fitLine(line, 0, '…'))).toBe(0)
})

it('breaks lines between pieces only', () => {
  const pieces = ['received 10', '= counted 8', '+ late 2'].map((text) => [span(text)])
  const wrapped = wrapPieces(pieces, 24, [span(' ')])
  expect(wrapped.map((line) => paintLine(line, false))).toEqual(['received 10 = counted 8', '  + late 2'])
  expect(wrapPieces([], 24, [span(' ')])).toEqual([])
})

it('puts a board on one line of ASCII', () => {
  expect(formatLine(sampleBoard)).toBe(
    '2026-11-22 12:45:01 UTC running | 1,234.5 transactions/min | revenue 1,234,567.89 in 1 h | 12,034 customers | ' +
      'latency p50 48 ms p99 131 ms | quality 99.11 % | lag 37 | received 1,234,567 = 1,222,222 counted + 345 late + ' +
      '1,000 duplicate + 10,900 invalid + 100 tombstone',
  )
})

it('says on the line what is wrong', () => {
  const line = formatLine({
    ...emptyBoard,
    state: 'faulted',
    reason: 'the disk\nis full',
    alerts: sampleAlerts,
    records: { ...emptyBoard.records, received: 2 },
  })
  expect(line).toContain('faulted (the disk is full)')
  expect(line).toContain('p50 - p99 -')
  expect(line).toContain('OFF BY 2')
  expect(line).toContain('2 alerts: store 7 has sold nothing')
})

it('reads the same in every locale and zone', async () => {
  const entry = join(import.meta.dirname, '../../../core/cli/terminal/board-line.ts')
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['es'] } },
  })
  const bundle = [built].flat()[0]
  if (!bundle || !('output' in bundle)) throw new Error('nothing was built')
  const script = `${bundle.output[0].code}\nprocess.stdout.write(formatLine(JSON.parse(process.argv[1])))`
  const environment = { ...process.env, TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }
  const args = ['--input-type=module', '-e', script, JSON.stringify(sampleBoard)]
  const spoken = execFileSync(process.execPath, args, { env: environment, encoding: 'utf8' })
  expect(spoken).toBe(formatLine(sampleBoard))
})

it('asks for colour and signs beyond ASCII only where they can be shown', () => {
  const utf8 = { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' }
  expect(detectTerminal(true, utf8, 'linux')).toEqual({ color: true, unicode: true })
  expect(detectTerminal(false, utf8, 'linux')).toEqual({ color: false, unicode: true })
  expect(detectTerminal(true, { ...utf8, NO_COLOR: '1' }, 'linux').color).toBe(false)
  expect(detectTerminal(true, { ...utf8, NO_COLOR: '' }, 'linux').color).toBe(true)
  expect(detectTerminal(true, { ...utf8, TERM: 'dumb' }, 'linux').color).toBe(false)
  expect(detectTerminal(true, { ...utf8, LC_ALL: 'C' }, 'linux').unicode).toBe(false)
  expect(detectTerminal(true, {}, 'linux').unicode).toBe(false)
  expect(detectTerminal(true, {}, 'win32').unicode).toBe(true)
})
