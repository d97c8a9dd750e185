import { expect, it } from 'vitest'
import { noDisorder } from '../../../core/generator/incidents.ts'
import { parseDisorder } from '../../../core/generator/parse-disorder.ts'

it('reads shares, what is not named is none', () => {
  expect(parseDisorder('late=0.02,duplicate=0.01,invalid=0.01')).toEqual({
    ok: true,
    disorder: { ...noDisorder, late: 0.02, duplicate: 0.01, invalid: 0.01 },
  })
  expect(parseDisorder(' late = 1 ')).toEqual({ ok: true, disorder: { ...noDisorder, late: 1 } })
  expect(parseDisorder('')).toEqual({ ok: true, disorder: noDisorder })
})

it('reads names in kebab and camel case and times as milliseconds or durations', () => {
  const disorder = {
    ...noDisorder,
    silentStore: 3,
    silentForMs: 60_000,
    silentEveryMs: 600_000,
    skewedStore: 4,
    skewMs: -90_000,
    burstEveryMs: 1_500,
  }
  const kebab = 'silent-store=3,silent-for-ms=60000,silent-every-ms=10m,skewed-store=4,skew-ms=-90s,burst-every-ms=1.5s'
  const camel = 'silentStore=3,silentForMs=1m,silentEveryMs=600000,skewedStore=4,skewMs=-90000,burstEveryMs=1500'
  expect(parseDisorder(kebab)).toEqual({ ok: true, disorder })
  expect(parseDisorder(camel)).toEqual({ ok: true, disorder })
})

it('completes a silent or skewed store that is only named', () => {
  expect(parseDisorder('silent-store=2,skewed-store=5')).toEqual({
    ok: true,
    disorder: {
      ...noDisorder,
      silentStore: 2,
      silentForMs: 300_000,
      silentEveryMs: 900_000,
      skewedStore: 5,
      skewMs: -90_000,
    },
  })
})

it('names the part that is wrong', () => {
  const messages = [
    ['late=0.02,tardy=1', 'unknown disorder tardy: it is one of late, duplicate, invalid, silentStore'],
    ['late', 'disorder late: late must be a share from 0 to 1'],
    ['late=', 'disorder late=: late must be a share from 0 to 1'],
    ['late=2', 'disorder late=2: late must be a share from 0 to 1'],
    ['late=-0.1', 'disorder late=-0.1: late must be a share from 0 to 1'],
    ['late=0.1=0.2', 'disorder late=0.1=0.2: late must be a share from 0 to 1'],
    ['late=1e-2', 'disorder late=1e-2: late must be a share from 0 to 1'],
    ['silent-store=two', 'disorder silent-store=two: silent-store must be the number of a store'],
    ['silentStore=1.5', 'disorder silentStore=1.5: silentStore must be the number of a store'],
    ['silent-for-ms=-5s', 'disorder silent-for-ms=-5s: silent-for-ms must be milliseconds or a duration like 5m'],
    ['skew-ms=soon', 'disorder skew-ms=soon: skew-ms must be milliseconds or a duration like -90s'],
    ['late=0.1,late=0.1', 'disorder late is given twice'],
    ['late=0.1,', 'unknown disorder : it is one of late'],
    ['late=0.5,duplicate=0.3,invalid=0.3', 'disorder late, duplicate and invalid together must be at most 1'],
  ] as const
  for (const [text, message] of messages) {
    const parsed = parseDisorder(text)
    expect(parsed.ok ? 'nothing' : parsed.message).toContain(message)
  }
})
