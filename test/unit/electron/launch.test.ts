import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { findObstacle, findSandboxObstacle, type Surroundings } from '../../../electron/launch/decide.ts'
import { fetchBinary } from '../../../electron/launch/fetch-binary.ts'
import { findBinary } from '../../../electron/launch/find-binary.ts'
import { findReason } from '../../../electron/launch/find-reason.ts'
import { runShell } from '../../../electron/launch/run-shell.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const desk: Surroundings = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  isRoot: false,
  allowsNoSandbox: false,
}

it.each<readonly [string, Partial<Surroundings>, RegExp | null]>([
  ['Linux with a display', {}, null],
  ['Linux with Wayland', { environment: { WAYLAND_DISPLAY: 'wayland-0' } }, null],
  ['Linux without a display', { environment: {} }, /no display/],
  ['Linux with an empty display', { environment: { DISPLAY: '' } }, /no display/],
  ['macOS, which has no DISPLAY', { platform: 'darwin', environment: {} }, null],
  ['Windows, which has no DISPLAY', { platform: 'win32', environment: {} }, null],
  ['root', { isRoot: true }, /as root .*--no-sandbox/],
  ['root who gives up the sandbox', { isRoot: true, allowsNoSandbox: true }, null],
  ['root without a display', { isRoot: true, allowsNoSandbox: true, environment: {} }, /no display/],
])('knows whether a window can be: %s', (_what, changes, expected) => {
  const obstacle = findObstacle({ ...desk, ...changes })
  if (expected === null) expect(obstacle).toBeNull()
  else expect(obstacle).toMatch(expected)
})

const open = {
  hasSetuidProgram: false,
  maxUserNamespaces: '96365\n',
  unprivilegedClone: null,
  restrictedByAppArmor: null,
}

it.each([
  ['lets anybody make namespaces', open, true],
  ['forbids namespaces', { ...open, maxUserNamespaces: '0\n' }, false],
  ['keeps namespaces for root', { ...open, unprivilegedClone: '0\n' }, false],
  ['restricts namespaces by profile', { ...open, restrictedByAppArmor: '1\n' }, false],
  ['forbids namespaces, with a setuid program', { ...open, maxUserNamespaces: '0\n', hasSetuidProgram: true }, true],
])('knows whether the sandbox can start on a Linux that %s', (_what, facts, canStart) => {
  expect(findSandboxObstacle(facts) === null).toBe(canStart)
})

function writeExecutable(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return file
}

it('finds the binary that path.txt names, and none while it is not there', () => {
  const folder = makeTemporaryDirectory()
  expect(findBinary(folder, {}, 'linux')).toBeNull()
  writeFileSync(join(folder, 'path.txt'), 'electron')
  expect(findBinary(folder, {}, 'linux')).toBeNull()
  const file = writeExecutable(join(folder, 'dist', 'electron'), '')
  expect(findBinary(folder, {}, 'linux')).toBe(file)
})

it('finds the binary in the folder that overrides it, under its usual name', () => {
  const folder = makeTemporaryDirectory()
  const file = writeExecutable(join(folder, 'other', 'electron'), '')
  expect(findBinary(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'other') }, 'linux')).toBe(file)
  expect(findBinary(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'gone') }, 'linux')).toBeNull()
})

it.each([
  [
    '[4711:1122/101010.1:ERROR:ozone_platform_x11.cc(239)] Missing X server or $DISPLAY\nend\n',
    'Missing X server or $DISPLAY',
  ],
  [
    'RequestError: getaddrinfo ENOTFOUND github.com\n    at ClientRequest.<anonymous>\n',
    'RequestError: getaddrinfo ENOTFOUND github.com',
  ],
  ['one\ntwo\n', 'two'],
  ['', ''],
])('finds the reason in what an ended program wrote: %j', (text, reason) => {
  expect(findReason(text)).toBe(reason)
})

const fetchWith = (script: string): { readonly run: () => Promise<string | null>; readonly seen: number[] } => {
  const packageFolder = makeTemporaryDirectory()
  writeFileSync(join(packageFolder, 'install.js'), script)
  const seen: number[] = []
  return {
    seen,
    run: () =>
      fetchBinary({
        packageFolder,
        environment: process.env,
        clock: systemClock,
        onProgress: (bytes) => seen.push(bytes),
        signal: new AbortController().signal,
        limits: { firstByteMs: 1_500, stallMs: 1_500 },
      }),
  }
}
const download = "const file = require('path').join(require('os').tmpdir(), 'part'); const fs = require('fs');"

it('fetches with progress', async () => {
  const { run, seen } = fetchWith(`${download} fs.writeFileSync(file, 'x'.repeat(5000)); setTimeout(() => {}, 700)`)
  expect(await run()).toBeNull()
  expect(seen[0]).toBe(5000)
})

it.each([
  [
    'refuses',
    "console.error('HTTPError: Response code 403 (Forbidden)\\n    at x'); process.exit(1)",
    /^HTTPError: .* 403/,
  ],
  ['says nothing', 'setInterval(() => {}, 1000)', /^not a byte of it came within 1.5 s$/],
  ['stops in the middle', `${download} fs.writeFileSync(file, 'x'); setInterval(() => {}, 1000)`, /stood still/],
])('gives up a download whose server %s', async (_what, script, reason) => {
  expect(await fetchWith(script).run()).toMatch(reason)
})

const shell = (script: string, signal = new AbortController().signal): ReturnType<typeof runShell> =>
  runShell({
    binary: process.execPath,
    args: ['-e', script],
    environment: process.env,
    onErrorText: () => undefined,
    signal,
  })

it('takes an app that ended before its first window for none, with its reason', async () => {
  expect(await shell("console.error('Missing X server'); process.exit(1)")).toEqual({
    kind: 'none',
    reason: 'Electron ended before its first window: Missing X server',
  })
  expect(await shell('process.exit(7)')).toMatchObject({ reason: expect.stringContaining('exit code 7') })
  const gone = runShell({
    binary: '/nowhere/electron',
    args: [],
    environment: {},
    onErrorText: () => undefined,
    signal: new AbortController().signal,
  })
  expect(await gone).toMatchObject({ kind: 'none', reason: expect.stringContaining('ENOENT') })
})

it('waits for the end of an app that has shown its window, and passes its exit code on', async () => {
  expect(await shell("process.send('shown', () => process.exit(3))")).toEqual({ kind: 'ended', exitCode: 3 })
})

it('ends the app when it is asked to', async () => {
  const abort = new AbortController()
  const ended = shell("process.send('shown'); setInterval(() => {}, 1000)", abort.signal)
  setTimeout(() => abort.abort(), 300)
  expect(await ended).toEqual({ kind: 'ended', exitCode: 0 })
})
