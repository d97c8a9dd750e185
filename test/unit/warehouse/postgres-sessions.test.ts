import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import type { PostgresSession } from '../../../core/warehouse/postgres/session.ts'
import { createSessions, type Sessions } from '../../../core/warehouse/postgres/sessions.ts'
import { faultOf } from '../../support/fault-of.ts'

interface FakeSession extends PostgresSession {
  readonly number: number
  isUsable: boolean
  isClosed: boolean
}

/** Sessions that do nothing, a clock that notes how long it was to wait, and a server that may be away. */
function makeFakes(most: number) {
  const opened: FakeSession[] = []
  const waits: number[] = []
  const server = { isAway: false }
  let nowMs = 1_000
  const nothing = async (): Promise<never> => {
    throw new Error('not asked for')
  }
  const open = async (): Promise<PostgresSession> => {
    if (server.isAway) throw new Fault('unreachable', 'away', { retry: true })
    const session: FakeSession = {
      number: opened.length + 1,
      isUsable: true,
      isStale: false,
      isClosed: false,
      script: nothing,
      run: nothing,
      read: nothing,
      readRaw: nothing,
      commit: nothing,
      rollBack: nothing,
      async close() {
        session.isClosed = true
        session.isUsable = false
      },
    }
    opened.push(session)
    return session
  }
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(durationMs: number) {
      waits.push(durationMs)
      nowMs += durationMs
    },
  }
  return { opened, waits, server, sessions: createSessions({ open, most, clock }) }
}

const numberOf = (sessions: Sessions): Promise<number> =>
  sessions.use(async (session) => ('number' in session ? Number(session.number) : 0))

it('opens no more than it may, and gives them in the order of asking', async () => {
  const { opened, sessions } = makeFakes(2)
  const order: number[] = []
  const release: (() => void)[] = []
  const work = [1, 2, 3, 4].map((number) =>
    sessions.use(async () => {
      order.push(number)
      await new Promise<void>((resolve) => release.push(resolve))
    }),
  )
  while (order.length < 4) {
    await Promise.resolve()
    release.shift()?.()
  }
  for (const resume of release) resume()
  await Promise.all(work)
  expect(order).toEqual([1, 2, 3, 4])
  expect(opened).toHaveLength(2)
})

it('uses one again, but never one that is broken', async () => {
  const { opened, sessions } = makeFakes(1)
  expect([await numberOf(sessions), await numberOf(sessions)]).toEqual([1, 1])
  const [first] = opened
  if (first) first.isUsable = false
  expect(await numberOf(sessions)).toBe(2)
  await sessions.refresh()
  expect(opened[1]?.isClosed).toBe(true)
  expect(await numberOf(sessions)).toBe(3)
})

it('closes one that breaks while it is used', async () => {
  const { opened, sessions } = makeFakes(1)
  await sessions.use(async () => {
    const [first] = opened
    if (first) first.isUsable = false
  })
  expect(opened[0]?.isClosed).toBe(true)
})

it('waits longer with each attempt that fails, up to three seconds, and no more once one has worked', async () => {
  const { server, sessions, waits } = makeFakes(1)
  server.isAway = true
  for (let attempt = 0; attempt < 9; attempt += 1) expect((await faultOf(numberOf(sessions))).code).toBe('unreachable')
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_000, 3_000])
  server.isAway = false
  await numberOf(sessions)
  await sessions.refresh()
  await numberOf(sessions)
  expect(waits).toHaveLength(9)
})

it('lets nobody in once it is closed, those who wait included', async () => {
  const { opened, sessions } = makeFakes(1)
  let finish: () => void = () => undefined
  const running = sessions.use(() => new Promise<void>((resolve) => (finish = resolve)))
  const waiting = faultOf(numberOf(sessions))
  await Promise.resolve()
  await sessions.close()
  expect((await waiting).code).toBe('closing')
  finish()
  await running
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([true])
  expect((await faultOf(numberOf(sessions))).code).toBe('closing')
})
