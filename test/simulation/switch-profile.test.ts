import { existsSync, readFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { silentLogger } from '../../core/base/logger.ts'
import { serveDirectory } from '../../core/cli/commands/serve.ts'
import { type OpenInputs, openOwned } from '../../core/host/public.ts'
import type { ServedPages } from '../../core/host/serve/serve.ts'
import { createProfileViews } from '../../core/pipeline/views/profile-views.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { readProfile } from '../../core/settings/profile.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import { openFeed } from '../support/feed-client.ts'
import { makeRenderer, redeem, tokenOf } from '../support/served-pages.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

function inputsFor(root: string, profile: string, command: string): OpenInputs {
  const paths = describeDataDirectory(root, profile)
  const settings = resolveSettings({
    profile: readProfile(paths.profiles, profile),
    environment: {},
    flags: ['generator.rate=1'],
  })
  return {
    paths,
    settings,
    profile,
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
    command: `storepulse ${command}`,
    version: '0',
  }
}

const makeProfile = (home: string, title: string): string =>
  createProfileViews({ home, current: 'local', environment: {}, keyring: null }).create({
    title,
    kind: 'local',
    colour: 'amber',
  })

const planFor = (): Parameters<typeof serveDirectory>[0] => ({
  rendererFolder: makeRenderer(makeTemporaryDirectory()),
  address: '127.0.0.1',
  port: 0,
  publicUrl: null,
  tls: null,
  isInsecureAllowed: false,
  hasGenerator: false,
  opensBrowser: false,
  printsBoard: false,
})

async function serve(root: string, reopen: ((profile: string) => OpenInputs) | null): Promise<ServedPages> {
  const abort = new AbortController()
  let served: Promise<void> = Promise.resolve()
  const pages = await new Promise<ServedPages>((resolve, reject) => {
    const first = inputsFor(root, 'local', 'serve')
    served = serveDirectory(planFor(), first, async (opened) => resolve(opened), abort.signal, reopen)
    served.catch(reject)
  })
  onTestFinished(async () => {
    abort.abort()
    await served
  })
  return pages
}

type Feed = Awaited<ReturnType<typeof openFeed>>

interface Visit {
  /** Runs a command on a connection that there is now. */
  readonly run: (command: string, payload?: unknown) => ReturnType<Feed['run']>
}

/** A page that connects anew with the same session whenever it has to. */
async function visit({ mintLink, port }: ServedPages): Promise<Visit> {
  const { headers } = await redeem(port, tokenOf(await mintLink('operate')))
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  return {
    async run(command, payload = {}) {
      const feed = await openFeed(port, cookie)
      const lost = feed.closed.then((code) => Promise.reject(new Error(`closed with ${code}`)))
      lost.catch(() => undefined)
      try {
        return await Promise.race([feed.run(command, payload), lost])
      } finally {
        feed.socket.terminate()
      }
    },
  }
}

const waitForProfile = (page: Visit, profile: string): Promise<void> =>
  expect
    .poll(() => page.run('hello').catch(() => null), { timeout: 15_000 })
    .toMatchObject({ kind: 'response', result: { profile } })

it('opens another profile on the same port with the same session, and leads back', async () => {
  const root = makeTemporaryDirectory()
  const name = makeProfile(root, 'Second shop')
  const page = await visit(await serve(root, (profile) => inputsFor(root, profile, 'serve')))
  await waitForProfile(page, 'local')
  expect(await page.run('switchProfile', { profile: name, isConfirmed: false })).toMatchObject({ kind: 'response' })
  await waitForProfile(page, name)
  const { ownerFile } = describeDataDirectory(root, name)
  expect(JSON.parse(readFileSync(ownerFile, 'utf8'))).toMatchObject({ processId: process.pid })
  expect(await page.run('listProfiles')).toMatchObject({ result: { failure: null, cannotSwitch: null } })
  // The first one's directory is nobody's now.
  await (await openOwned(inputsFor(root, 'local', 'run'))).close(0)
  expect(await page.run('switchProfile', { profile: 'local', isConfirmed: false })).toMatchObject({ kind: 'response' })
  await waitForProfile(page, 'local')
  expect(existsSync(describeDataDirectory(root, name).serve)).toBe(false)
})

it('goes back to the profile before when one cannot be opened, and says why', async () => {
  const root = makeTemporaryDirectory()
  const [taken, torn] = [makeProfile(root, 'Taken'), makeProfile(root, 'Torn')]
  const reopen = (profile: string): OpenInputs => {
    if (profile === torn) throw new Error('torn')
    // Its log cannot be opened: a file is where its folder should be.
    const inputs = inputsFor(root, profile, 'serve')
    return profile === taken ? { ...inputs, paths: { ...inputs.paths, log: inputs.paths.ownerLock } } : inputs
  }
  const page = await visit(await serve(root, reopen))
  for (const name of [torn, taken]) {
    await page.run('switchProfile', { profile: name, isConfirmed: false })
    await expect
      .poll(() => page.run('listProfiles').catch(() => null), { timeout: 15_000 })
      .toMatchObject({ result: { failure: { profile: name } } })
    await waitForProfile(page, 'local')
  }
})

it('refuses what lacks something, is locked without a word, or has no other profile to go to', async () => {
  const root = makeTemporaryDirectory()
  const name = makeProfile(root, 'Locked')
  createProfileViews({ home: root, current: 'local', environment: {}, keyring: null }).update(name, { isLocked: true })
  const page = await visit(await serve(root, (profile) => inputsFor(root, profile, 'serve')))
  const refusalOf = async (profile: string, isConfirmed: boolean): Promise<string> => {
    const answer = await page.run('switchProfile', { profile, isConfirmed })
    return answer.kind === 'failure' ? answer.fault.message : answer.kind
  }
  expect(await refusalOf('watch', true)).toMatch(/cannot be opened: kafka\.brokers is missing/)
  expect(await refusalOf('gone', true)).toMatch(/there is no profile "gone"/)
  expect(await refusalOf(name, false)).toMatch(/is locked: switching to it asks for a confirmation/)
  expect(await refusalOf(name, true)).toBe('response')
  await waitForProfile(page, name)
  const fixed = await visit(await serve(makeTemporaryDirectory(), null))
  expect(await fixed.run('switchProfile', { profile: 'local', isConfirmed: true })).toMatchObject({
    kind: 'failure',
    fault: { code: 'refused', message: expect.stringContaining('keeps the profile') },
  })
})
