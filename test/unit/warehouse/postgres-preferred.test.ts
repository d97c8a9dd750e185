import { Client } from 'pg'
import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { createPreferredChoice } from '../../../core/warehouse/postgres/preferred-choice.ts'
import type { ServerChoice } from '../../../core/warehouse/postgres/server-choice.ts'
import { createManualClock } from '../../support/clock.ts'
import { noTls } from '../../support/postgres-warehouse.ts'

const describeServer = (host: string) => ({ host, port: 5_432, user: 'u', password: null, database: 'd', tls: noTls })
const purpose = { isReadOnly: true, answerMs: 1_000 }

/** A replica that may be away, its primary, and what was told of them. */
function makePair() {
  const clock = createManualClock(0)
  const state = { isAway: false, asked: 0 }
  const told: (string | null)[] = []
  const preferred: ServerChoice = {
    async connect() {
      state.asked += 1
      if (state.isAway) throw new Fault('unreachable', 'the replica is away', { retry: true })
      return { client: new Client(), server: describeServer('replica') }
    },
  }
  const fallback: ServerChoice = {
    connect: async () => ({ client: new Client(), server: describeServer('primary') }),
  }
  const onChange = (fault: Fault | null): void => void told.push(fault?.message ?? null)
  const choice = createPreferredChoice({ preferred, fallback, clock, onChange })
  const connect = async () => {
    const { isStale, server } = await choice.connect(purpose)
    return { host: server.host, isStale: () => isStale?.() ?? false }
  }
  return { clock, connect, state, told }
}

it('goes to the one that is preferred while it answers', async () => {
  const { connect, told } = makePair()
  const { host, isStale } = await connect()
  expect([host, isStale(), told]).toEqual(['replica', false, []])
})

it('goes to the other one while that is away, says so once, and nobody waits for it a second time', async () => {
  const { connect, state, told } = makePair()
  state.isAway = true
  expect([(await connect()).host, (await connect()).host]).toEqual(['primary', 'primary'])
  expect([state.asked, told]).toEqual([1, ['the replica is away']])
})

it('goes back once it answers, and what was opened meanwhile is used no longer', async () => {
  const { clock, connect, state, told } = makePair()
  state.isAway = true
  const first = await connect()
  clock.advance(9_000)
  expect([(await connect()).host, state.asked, first.isStale()]).toEqual(['primary', 1, false])
  clock.advance(2_000)
  expect(first.isStale()).toBe(true)
  const second = await connect()
  await expect.poll(() => state.asked).toBe(2)
  expect([second.host, second.isStale(), told.length]).toEqual(['primary', false, 1])
  state.isAway = false
  clock.advance(11_000)
  await connect()
  await expect.poll(() => told).toEqual(['the replica is away', null])
  expect(second.isStale()).toBe(true)
  expect((await connect()).host).toBe('replica')
})
