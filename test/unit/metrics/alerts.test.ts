import { expect, it } from 'vitest'
import { createAlertBook, type PastAlert } from '../../../core/metrics/alerts.ts'

const startMs = Date.UTC(2026, 0, 5, 8)
const minuteMs = 60_000
const fault = { id: 'fault', kind: 'fault', severity: 'critical', message: 'the disk is full' } as const

const makePast = (id: string, minute: number, resolvedMinute: number | null): PastAlert => ({
  alert: { ...fault, id, since: new Date(startMs + minute * minuteMs).toISOString() },
  resolvedAtMs: resolvedMinute === null ? null : startMs + resolvedMinute * minuteMs,
})

it('says what was raised, reworded and resolved, and nothing twice', () => {
  const book = createAlertBook()
  const seen: unknown[] = []
  const stop = book.watch(({ alert, resolvedAtMs }, change) => seen.push([change, alert.message, resolvedAtMs]))
  book.raise(fault, startMs)
  book.raise(fault, startMs + 1)
  book.raise({ ...fault, message: 'still full' }, startMs + 2)
  book.resolve('fault', startMs + 3)
  book.resolve('fault', startMs + 4)
  stop()
  book.raise(fault, startMs + 5)
  expect(seen).toEqual([
    ['raised', 'the disk is full', null],
    ['reworded', 'still full', null],
    ['resolved', 'still full', startMs + 3],
  ])
})

it('closes what held when the earlier process ended, at its end', () => {
  const book = createAlertBook()
  book.recall([makePast('b', 5, null), makePast('a', 1, 2), makePast('c', 30, null)], startMs + 20 * minuteMs, startMs)
  expect(book.list()).toEqual([])
  expect(book.listPast(9)).toEqual([makePast('c', 30, 30), makePast('b', 5, 20), makePast('a', 1, 2)])
})

it('goes on with one that is raised again soon, from when it began', () => {
  const book = createAlertBook()
  const nowMs = startMs + 60 * minuteMs
  book.recall([makePast('fault', 5, null), makePast('old', 1, 2)], startMs + 20 * minuteMs, nowMs)
  book.raise(fault, nowMs + 14 * minuteMs)
  book.raise({ ...fault, id: 'old' }, nowMs + 14 * minuteMs)
  expect(book.list().map(({ since }) => since)).toEqual([
    makePast('fault', 5, null).alert.since,
    makePast('old', 74, null).alert.since,
  ])
  expect(book.listPast(9).map(({ alert, resolvedAtMs }) => [alert.id, resolvedAtMs])).toEqual([
    ['old', null],
    ['fault', null],
    ['old', startMs + 2 * minuteMs],
  ])
  book.resolve('fault', nowMs + 15 * minuteMs)
  book.raise(fault, nowMs + 15 * minuteMs)
  expect(book.list().find(({ id }) => id === 'fault')?.since).toBe(makePast('', 75, null).alert.since)
})

it('counts one that comes back much later as another', () => {
  const book = createAlertBook()
  book.recall([makePast('fault', 5, null)], startMs + 20 * minuteMs, startMs + 60 * minuteMs)
  book.raise(fault, startMs + 76 * minuteMs)
  expect(book.list()[0]?.since).toBe(makePast('', 76, null).alert.since)
  expect(book.listPast(9)).toHaveLength(2)
})

it('knows that one held all the while which was raised before the past was read', () => {
  const book = createAlertBook()
  book.raise(fault, startMs + 60 * minuteMs)
  book.recall([makePast('fault', 5, null)], startMs + 20 * minuteMs, startMs + 61 * minuteMs)
  expect(book.listPast(9)).toEqual([
    { alert: { ...fault, since: makePast('', 5, null).alert.since }, resolvedAtMs: null },
  ])
})

it('keeps the newest five hundred', () => {
  const book = createAlertBook()
  const earlier = Array.from({ length: 500 }, (_, index) => makePast(`a${index}`, 500 - index, 1_000))
  book.recall(earlier, startMs, startMs)
  book.raise(fault, startMs + 2_000 * minuteMs)
  book.resolve('fault', startMs + 2_001 * minuteMs)
  const listed = book.listPast(1_000)
  expect(listed).toHaveLength(500)
  expect(listed[0]?.alert.id).toBe('fault')
  expect(listed.at(-1)?.alert.id).toBe('a498')
})
