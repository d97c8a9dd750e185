import { expect, it } from 'vitest'
import { createClient } from '../../../renderer/bridge/client.ts'
import { createPoller, type Poller } from '../../../renderer/stores/poller.ts'
import { createFakeHost, type FakeHost } from '../../support/page/fake-host.ts'
import { createManualTimers, type ManualTimers } from '../../support/page/manual-timers.ts'

interface Polling {
  readonly poller: Poller<'alertHistory'>
  readonly host: FakeHost
  readonly timers: ManualTimers
  readonly setIdle: (isIdle: boolean) => void
}

function startPolling(): Polling {
  const host = createFakeHost()
  const timers = createManualTimers()
  const client = createClient(host.openTransport, timers)
  client.start()
  host.accept()
  let isIdle = false
  return {
    poller: createPoller('alertHistory', { client, timers, isIdle: () => isIdle }),
    host,
    timers,
    setIdle: (value) => void (isIdle = value),
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve))
const answer = { alerts: [] }
const asked = (host: FakeHost): number => host.idsOf('alertHistory').length

it('asks again so long after each answer', async () => {
  const { poller, host, timers } = startPolling()
  poller.ask(() => ({ limit: 1 }), 1_000)
  timers.pass(5_000)
  expect(asked(host)).toBe(1)
  host.answer('alertHistory', answer)
  await settle()
  timers.pass(999)
  expect(asked(host)).toBe(1)
  timers.pass(1)
  expect(asked(host)).toBe(2)
})

it('keeps the last answer while it asks something else, and says that it is the old one', async () => {
  const { poller, host } = startPolling()
  poller.ask(() => ({ limit: 1 }), null)
  host.answer('alertHistory', answer)
  await settle()
  poller.ask(() => ({ limit: 2 }), null)
  expect(poller.getState()).toEqual({ answer, fault: null, isOutdated: true })
  const next = { alerts: [] }
  host.answer('alertHistory', next)
  await settle()
  expect(poller.getState()).toEqual({ answer: next, fault: null, isOutdated: false })
})

it('cancels the question before, and drops its answer', async () => {
  const { poller, host } = startPolling()
  poller.ask(() => ({ limit: 1 }), null)
  poller.ask(() => ({ limit: 2 }), null)
  expect(host.heard.some(({ kind }) => kind === 'cancel')).toBe(true)
  host.send({ kind: 'response', id: 1, result: 'the old one' })
  await settle()
  expect(poller.getState().answer).toBeNull()
})

it('shows a failure beside the last answer, until the next one', async () => {
  const { poller, host, timers } = startPolling()
  poller.ask(() => ({ limit: 1 }), 1_000)
  host.answer('alertHistory', answer)
  await settle()
  timers.pass(1_000)
  const [id = 0] = host.idsOf('alertHistory').slice(-1)
  host.send({ kind: 'failure', id, fault: { code: 'x', message: 'busy', hint: null, retry: true } })
  await settle()
  expect(poller.getState()).toMatchObject({ answer, fault: { message: 'busy' } })
  timers.pass(1_000)
  host.answer('alertHistory', answer)
  await settle()
  expect(poller.getState().fault).toBeNull()
})

it('rests while nobody looks', async () => {
  const { poller, host, timers, setIdle } = startPolling()
  poller.ask(() => ({ limit: 1 }), 1_000)
  host.answer('alertHistory', answer)
  await settle()
  setIdle(true)
  timers.pass(10_000)
  expect(asked(host)).toBe(1)
  setIdle(false)
  timers.pass(1_000)
  expect(asked(host)).toBe(2)
})

it('asks again on the next connection what was lost with the last', async () => {
  const { poller, host, timers } = startPolling()
  poller.ask(() => ({ limit: 1 }), null)
  host.end()
  await settle()
  timers.pass(250)
  host.accept()
  expect(asked(host)).toBe(2)
  host.answer('alertHistory', answer)
  await settle()
  expect(poller.getState()).toEqual({ answer, fault: null, isOutdated: false })
})

it('asks nothing once it is stopped', async () => {
  const { poller, host, timers } = startPolling()
  poller.ask(() => ({ limit: 1 }), 1_000)
  host.answer('alertHistory', answer)
  await settle()
  poller.stop()
  timers.pass(10_000)
  host.end()
  timers.pass(10_000)
  host.accept()
  expect(asked(host)).toBe(1)
})
