import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { connectToSocket, type RemoteClient } from '../../../core/host/client.ts'
import type { Host } from '../../../core/host/host.ts'
import { createRemoteHost } from '../../../core/host/remote-host.ts'
import { listenOnSocket } from '../../../core/host/socket-server.ts'
import type { HostMessage } from '../../../core/protocol/wire.ts'
import { openFeed } from '../../support/feed-client.ts'
import { ask } from '../../support/http-client.ts'
import { canary, makeHost, servePages } from '../../support/served-pages.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { sampleBoard } from '../cli/sample-board.ts'

/** An owner that can go and come back on the same socket. */
function makeOwner(): { readonly path: string; readonly start: (profile?: string) => Promise<() => Promise<void>> } {
  const path = join(makeTemporaryDirectory(), 'host.sock')
  return {
    path,
    async start(profile = 'local') {
      const { host, show } = makeHost()
      show({ ...sampleBoard, profile })
      const stop = await listenOnSocket(path, host, silentLogger)
      let stopped: Promise<void> | null = null
      const end = (): Promise<void> => {
        // Not waited for: what it was asked and cannot answer goes with the connection.
        void host.close()
        stopped ??= stop()
        return stopped
      }
      onTestFinished(end)
      return end
    },
  }
}

async function attach(path: string): Promise<RemoteClient | null> {
  try {
    return await connectToSocket(path)
  } catch (error) {
    if (error instanceof Fault && error.code === 'unreachable') return null
    throw error
  }
}

async function openRemote(path: string): Promise<Host> {
  const first = await connectToSocket(path)
  const host = createRemoteHost({ first, attach: () => attach(path), clock: systemClock, logger: silentLogger })
  onTestFinished(() => host.close())
  return host
}

/** Watches the boards of a host from now on. */
function watch(host: Host): HostMessage[] {
  const seen: HostMessage[] = []
  const served = host.connect({ send: (message) => void seen.push(message), pendingBytes: () => 0 })
  served.receive({ kind: 'subscribe', feed: 'board' })
  onTestFinished(() => served.end())
  return seen
}

const showsProfile = (seen: readonly HostMessage[], profile: string): boolean =>
  seen.some((message) => message.kind === 'feed' && Object(message.value).profile === profile)

it('passes requests on to the owner, and their failures back', async () => {
  const owner = makeOwner()
  await owner.start()
  const host = await openRemote(owner.path)
  expect((await host.run('hello', {})).command).toBe(canary)
  await expect(host.run('showQuarantined', { ref: 'a/0/0' })).rejects.toMatchObject({ code: 'not-found' })
})

it('pushes the owner’s boards to everyone who watches', async () => {
  const owner = makeOwner()
  await owner.start('first')
  const host = await openRemote(owner.path)
  const all = [watch(host), watch(host)]
  await expect.poll(() => all.every((seen) => showsProfile(seen, 'first'))).toBe(true)
})

it('gives who comes second the newest value at once, without asking the owner', async () => {
  const owner = makeOwner()
  await owner.start('first')
  const host = await openRemote(owner.path)
  const first = watch(host)
  await expect.poll(() => showsProfile(first, 'first')).toBe(true)
  // At once: nothing was awaited in between.
  expect(watch(host)).toHaveLength(1)
})

it('says that the owner is away, and goes on when there is one again', async () => {
  const owner = makeOwner()
  const stop = await owner.start('first')
  const host = await openRemote(owner.path)
  const seen = watch(host)
  await expect.poll(() => showsProfile(seen, 'first')).toBe(true)
  const waiting = host.run('query', { sql: 'wait' })
  waiting.catch(() => undefined)
  await stop()
  await expect(waiting).rejects.toMatchObject({ code: 'unreachable', retry: true })
  await expect(host.run('hello', {})).rejects.toMatchObject({ code: 'unreachable', retry: true })

  await owner.start('second')
  await expect.poll(() => showsProfile(seen, 'second'), { timeout: 3_000 }).toBe(true)
  expect((await host.run('hello', {})).command).toBe(canary)
})

it('cancels at the owner what a viewer cancels', async () => {
  const owner = makeOwner()
  await owner.start()
  const host = await openRemote(owner.path)
  const answers: HostMessage[] = []
  const served = host.connect({ send: (message) => void answers.push(message), pendingBytes: () => 0 })
  served.receive({ kind: 'request', id: 1, command: 'query', payload: { sql: 'wait' } })
  served.receive({ kind: 'cancel', id: 1 })
  await expect.poll(() => answers).toMatchObject([{ kind: 'failure', id: 1, fault: { code: 'cancelled' } }])
})

it('serves the owner’s feeds to pages', async () => {
  const owner = makeOwner()
  const stop = await owner.start('first')
  const { port, signIn } = await servePages({ host: await openRemote(owner.path) })
  const feed = await openFeed(port, await signIn('view'))
  feed.send({ kind: 'subscribe', feed: 'board' })
  expect(await feed.next()).toMatchObject({ kind: 'feed', value: { profile: 'first' } })
  expect((await ask(port, '/healthz')).status).toBe(200)
  await stop()
  expect(await feed.run('hello')).toMatchObject({ kind: 'failure', fault: { code: 'unreachable', retry: true } })
  await expect.poll(async () => (await ask(port, '/healthz')).body, { timeout: 3_000 }).toContain('unreachable')
})
