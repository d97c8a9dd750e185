import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { silentLogger } from '../../core/base/logger.ts'
import { serveDirectory } from '../../core/cli/commands/serve.ts'
import { type OpenInputs, openOwned } from '../../core/host/public.ts'
import type { ServedPages } from '../../core/host/serve/serve.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { openFeed } from '../support/feed-client.ts'
import { ask } from '../support/http-client.ts'
import { makeRenderer, redeem, tokenOf } from '../support/served-pages.ts'
import { runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const inputsFor = (root: string, command: string): OpenInputs => ({
  paths: describeDataDirectory(root),
  settings: resolveSettings({ profile: {}, environment: {}, flags: ['generator.rate=1'] }),
  profile: 'local',
  clock: systemClock,
  logger: silentLogger,
  workerUrl: null,
  command: `storepulse ${command}`,
  version: '0',
})

interface Running {
  readonly pages: ServedPages
  /** Ends it; resolves with how long that took. */
  readonly end: () => Promise<number>
}

/** `storepulse serve --port 0` in this process. */
async function serve(root: string, hasGenerator = false): Promise<Running> {
  const abort = new AbortController()
  const plan = {
    rendererFolder: makeRenderer(makeTemporaryDirectory()),
    address: '127.0.0.1',
    port: 0,
    publicUrl: null,
    tls: null,
    isInsecureAllowed: false,
    hasGenerator,
    opensBrowser: false,
    printsBoard: false,
  }
  let served: Promise<void> = Promise.resolve()
  const pages = await new Promise<ServedPages>((resolve, reject) => {
    served = serveDirectory(plan, inputsFor(root, 'serve'), async (opened) => resolve(opened), abort.signal)
    served.catch(reject)
  })
  const end = async (): Promise<number> => {
    const startedMs = performance.now()
    abort.abort()
    await served
    return performance.now() - startedMs
  }
  onTestFinished(async () => void (await end()))
  return { pages, end }
}

async function signIn({ mintLink, port }: ServedPages): Promise<string> {
  const { headers } = await redeem(port, tokenOf(await mintLink('operate')))
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

/** Starts a command in a process of its own and waits until it owns the directory. */
async function own(home: string, args: readonly string[]): Promise<ChildProcess> {
  const started = startStorepulse(args, { home, keepsInputOpen: true })
  onTestFinished(async () => {
    started.process.kill('SIGKILL')
    await started.finished
  })
  const { ownerFile } = describeDataDirectory(home)
  const isOwner = (): boolean =>
    existsSync(ownerFile) && JSON.parse(readFileSync(ownerFile, 'utf8')).processId === started.process.pid
  await expect.poll(isOwner, { timeout: 10_000 }).toBe(true)
  return started.process
}

it('owns the directory, runs the pipeline and shows it, with a past to begin with', async () => {
  const { end, pages } = await serve(makeTemporaryDirectory(), true)
  const feed = await openFeed(pages.port, await signIn(pages))
  feed.send({ kind: 'subscribe', feed: 'board' })
  const received = async (): Promise<number> => {
    const message = await feed.next()
    return message.kind === 'feed' ? Object(message.value).records.received : 0
  }
  await expect.poll(received, { timeout: 15_000, interval: 0 }).toBeGreaterThan(80_000)
  expect(await end()).toBeLessThan(5_000)
})

it('shows what another process’s pipeline does, and goes on with the next', async () => {
  const root = makeTemporaryDirectory()
  const first = await own(root, ['run', '--no-generator'])
  const { end, pages } = await serve(root)
  const feed = await openFeed(pages.port, await signIn(pages))
  expect(await feed.run('hello')).toMatchObject({ kind: 'response', result: { processId: first.pid } })
  first.kill('SIGKILL')
  await expect.poll(() => feed.run('hello')).toMatchObject({ kind: 'failure', fault: { code: 'unreachable' } })
  expect((await ask(pages.port, '/healthz')).status).toBe(503)
  const second = await own(root, ['run', '--no-generator'])
  await expect
    .poll(() => feed.run('hello'), { timeout: 5_000 })
    .toMatchObject({ kind: 'response', result: { processId: second.pid } })
  expect(await end()).toBeLessThan(1_000)
})

it('owns the directory once a command that held it for a moment is done', async () => {
  const root = makeTemporaryDirectory()
  const passing = await own(root, ['import', '-'])
  const { pages } = await serve(root)
  const { port } = pages
  const cookie = await signIn(pages)
  passing.stdin?.end()
  await expect
    .poll(
      () =>
        openFeed(port, cookie)
          .then((feed) => feed.run('hello'))
          .catch(() => null),
      { timeout: 10_000 },
    )
    .toMatchObject({ kind: 'response', result: { command: 'storepulse serve' } })
})

it('makes links through the owner of the directory, whoever serves it', async () => {
  const root = makeTemporaryDirectory()
  await own(root, ['run', '--no-generator'])
  const { pages } = await serve(root)
  const { code, stdout } = await runStorepulse(['link', '--role', 'operate', '--json'], { home: root })
  expect(code).toBe(0)
  const { url } = JSON.parse(stdout)
  expect(url).toMatch(new RegExp(`^${pages.url}/#token=`))
  expect((await redeem(pages.port, tokenOf(url))).status).toBe(204)
})

it('leaves the directory to others when its port is taken', async () => {
  const root = makeTemporaryDirectory()
  const { pages } = await serve(makeTemporaryDirectory())
  const plan = {
    rendererFolder: makeRenderer(makeTemporaryDirectory()),
    address: '127.0.0.1',
    port: pages.port,
    publicUrl: null,
    tls: null,
    isInsecureAllowed: false,
    hasGenerator: false,
    opensBrowser: false,
    printsBoard: false,
  }
  const failing = serveDirectory(plan, inputsFor(root, 'serve'), async () => undefined, new AbortController().signal)
  await expect(failing).rejects.toMatchObject({ code: 'refused' })
  await (await openOwned(inputsFor(root, 'run'))).close(0)
})
