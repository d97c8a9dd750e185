import fc from 'fast-check'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { renderBoard } from '../../../core/cli/terminal/render-board.ts'
import { measureWidth } from '../../../core/cli/terminal/text-width.ts'
import { emptyBoard, sampleAlerts, sampleBoard, sampleStores } from './sample-board.ts'

const plain = { color: false, unicode: true }
const frame = (lines: readonly string[]): string => `${lines.join('\n')}\n`
const golden = (name: string): string => join(import.meta.dirname, 'frames', `${name}.txt`)

it('fits ten stores and everything else on 80 by 24', async () => {
  const lines = renderBoard(sampleBoard, { stores: sampleStores(10) }, { columns: 80, rows: 24 }, plain)
  expect(lines.length).toBeLessThanOrEqual(24)
  await expect(frame(lines)).toMatchFileSnapshot(golden('80x24'))
})

it('puts latency beside the stores on a wide terminal', async () => {
  const lines = renderBoard(
    { ...sampleBoard, alerts: sampleAlerts },
    { stores: sampleStores(40) },
    { columns: 140, rows: 40 },
    plain,
  )
  await expect(frame(lines)).toMatchFileSnapshot(golden('140x40'))
})

it('keeps the numbers and lets the rest go on a small terminal', async () => {
  const lines = renderBoard(sampleBoard, { stores: sampleStores(10) }, { columns: 60, rows: 16 }, plain)
  await expect(frame(lines)).toMatchFileSnapshot(golden('60x16'))
})

it('says why it is paused, and which topic is off', async () => {
  const board = {
    ...sampleBoard,
    state: 'paused' as const,
    reason: 'the disk is full; free some space on this disk and it goes on by itself',
    alerts: sampleAlerts,
    perTopic: {
      ...sampleBoard.perTopic,
      'customer-events': { received: 600_000, counted: 599_998, late: 0, duplicate: 0, invalid: 0, tombstone: 0 },
    },
  }
  const lines = renderBoard(board, { stores: sampleStores(3) }, { columns: 100, rows: 24 }, plain)
  await expect(frame(lines)).toMatchFileSnapshot(golden('paused'))
})

it('draws a board before its first record', async () => {
  const lines = renderBoard(emptyBoard, { stores: [] }, { columns: 80, rows: 24 }, plain)
  await expect(frame(lines)).toMatchFileSnapshot(golden('empty'))
})

it('keeps to ASCII where nothing else can be shown', async () => {
  const lines = renderBoard(
    { ...sampleBoard, alerts: sampleAlerts },
    { stores: sampleStores(5) },
    { columns: 80, rows: 24 },
    { color: false, unicode: false },
  )
  expect(frame(lines)).toMatch(/^[\x20-\x7e\n]*$/)
  await expect(frame(lines)).toMatchFileSnapshot(golden('ascii'))
})

it('changes nothing but colours when colours are asked for', () => {
  const size = { columns: 80, rows: 24 }
  const extra = { stores: sampleStores(10) }
  const board = { ...sampleBoard, alerts: sampleAlerts }
  const colored = renderBoard(board, extra, size, { color: true, unicode: true })
  expect(colored.some((line) => line.includes('\x1b[1;31m'))).toBe(true)
  expect(colored.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(
    renderBoard(board, extra, size, plain),
  )
})

it('lets no control character of a name, profile or message through', () => {
  const hostile = '\x1b[2Jstore\r\n\x07\u009b31m\u202e'
  const lines = renderBoard(
    {
      ...sampleBoard,
      profile: hostile,
      reason: hostile,
      alerts: sampleAlerts.map((alert) => ({ ...alert, message: hostile })),
    },
    { stores: [{ id: 1, name: hostile, revenue: '1.00', transactions: 1 }] },
    { columns: 120, rows: 30 },
    plain,
  )
  expect(lines.join('')).not.toMatch(/\p{Cc}|\u202e/u)
})

it('shows refunds without a bar and ranks by exact amounts', () => {
  const stores = [
    { id: 1, name: 'Refunds', revenue: '-12.50', transactions: 1 },
    { id: 2, name: 'Second', revenue: '90071992547409.93', transactions: 1 },
    { id: 3, name: 'First', revenue: '90071992547409.94', transactions: 1 },
  ]
  const lines = renderBoard(sampleBoard, { stores }, { columns: 100, rows: 24 }, plain)
  const rows = lines.filter((line) => /^\d /.test(line))
  expect(rows.map((row) => row.split(/\s+/)[1])).toEqual(['First', 'Second', 'Refunds'])
  expect(rows[2]).toMatch(/^3 {2}Refunds\s+-12\.50 {2}1$/)
})

it('never draws more than the terminal holds', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('東京', '👩‍👩‍👧‍👦 family', 'a\u0301'.repeat(50)),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(name, { maxLength: 30 }),
      fc.boolean(),
      fc.option(name, { nil: null }),
      (columns, rows, names, unicode, reason) => {
        const stores = names.map((text, id) => ({ id, name: text, revenue: '1234.50', transactions: id }))
        const board = { ...sampleBoard, reason, alerts: sampleAlerts }
        const lines = renderBoard(board, { stores }, { columns, rows }, { color: false, unicode })
        expect(lines.length).toBeLessThanOrEqual(rows)
        for (const line of lines) expect(measureWidth(line)).toBeLessThanOrEqual(columns)
      },
    ),
  )
})
