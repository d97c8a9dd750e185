import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../../..')

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface SmallCheckout {
  readonly write: (file: string, text: string) => void
  readonly remove: (file: string) => void
  readonly run: (...args: readonly string[]) => Promise<Ran>
  readonly isFresh: () => Promise<boolean>
  readonly folder: string
}

const runNode = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })

/** A checkout with the real bin and a main of two lines. */
async function withSmallCheckout(use: (small: SmallCheckout) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'storepulse bin '))
  const write = (file: string, text: string): void => {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  try {
    cpSync(join(checkout, 'core/cli/bin'), join(folder, 'core/cli/bin'), { recursive: true })
    symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
    write('package.json', '{"type":"module"}')
    write('resources/sql/answer.sql', 'select 42')
    write(
      'core/cli/main.ts',
      "import sql from '../../resources/sql/answer.sql?raw'\nexport const runCommandLine = () => console.log(sql, process.argv[2])\n",
    )
    await use({
      folder,
      write,
      remove: (file) => rmSync(join(folder, file)),
      run: (...args) => runNode(join(folder, 'core/cli/bin/storepulse.mjs'), ...args),
      isFresh: async () => {
        const module = pathToFileURL(join(folder, 'core/cli/bin/freshness.mjs')).href
        const script = `import { isFresh } from ${JSON.stringify(module)}; console.log(isFresh())`
        return (await runNode('--input-type=module', '-e', script)).stdout === 'true\n'
      },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const listLeftovers = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'out')).filter((name) => name.startsWith('.build') || name.endsWith('.lock'))

it('builds at the first start, and not again while nothing changes', () =>
  withSmallCheckout(async ({ run }) => {
    const first = await run('hello')
    expect(first).toMatchObject({ code: 0, stdout: 'select 42 hello\n' })
    expect(first.stderr).toMatch(/^built in \d+\.\d s\n$/)
    expect(await run('again')).toEqual({ code: 0, stdout: 'select 42 again\n', stderr: '' })
  }))

it('takes the build for stale when a source is changed, added or removed, or the build is gone', () =>
  withSmallCheckout(async ({ run, isFresh, write, remove }) => {
    expect(await isFresh()).toBe(false)
    await run()
    expect(await isFresh()).toBe(true)
    write('core/base/more.ts', 'export const more = 1\n')
    expect(await isFresh()).toBe(false)
    remove('core/base/more.ts')
    expect(await isFresh()).toBe(true)
    write('resources/sql/answer.sql', 'select 43')
    expect(await isFresh()).toBe(false)
    expect(await run('x')).toMatchObject({ stdout: 'select 43 x\n', stderr: expect.stringContaining('built') })
    remove('out/cli/main.mjs')
    expect(await isFresh()).toBe(false)
  }))

it('builds the page beside the command, and anew only when the page has changed', () =>
  withSmallCheckout(async ({ run, write, folder }) => {
    const page = join(folder, 'out/renderer/index.html')
    write('renderer/vite.config.ts', "export default { root: import.meta.dirname, base: './' }\n")
    write('renderer/index.html', '<p>one</p>')
    await run()
    expect(readFileSync(page, 'utf8')).toContain('one')
    const builtAt = statSync(page).mtimeMs
    write('core/base/more.ts', 'export const more = 1\n')
    expect((await run()).stderr).toContain('built')
    expect(statSync(page).mtimeMs).toBe(builtAt)
    write('renderer/index.html', '<p>two, and more</p>')
    expect((await run()).stderr).toContain('built')
    expect(readFileSync(page, 'utf8')).toContain('two')
  }))

it('builds once when several start together', () =>
  withSmallCheckout(async ({ run, folder }) => {
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((name) => run(name)))
    expect(all.map((ran) => ran.stdout)).toEqual(['a', 'b', 'c', 'd'].map((name) => `select 42 ${name}\n`))
    expect(all.filter((ran) => ran.stderr.includes('built'))).toHaveLength(1)
    expect(listLeftovers(folder)).toEqual([])
  }))

it('takes over from a build that was killed', () =>
  withSmallCheckout(async ({ run, write, folder }) => {
    const gone = 2 ** 22 + 1
    write('out/build.lock', String(gone))
    write(`out/.build-${gone}/cli/main.mjs`, 'half of i')
    expect(await run('x')).toMatchObject({ code: 0, stdout: 'select 42 x\n' })
    expect(listLeftovers(folder)).toEqual([])
  }))

it('says what does not compile, ends with 1, and leaves the build that was there', () =>
  withSmallCheckout(async ({ run, write, folder }) => {
    await run()
    const before = readdirSync(join(folder, 'out/cli'))
    write('core/cli/main.ts', 'const = 1\n')
    const broken = await run('x')
    expect(broken).toMatchObject({ code: 1, stdout: '' })
    expect(broken.stderr).toContain('the build failed')
    expect(readdirSync(join(folder, 'out/cli'))).toEqual(before)
  }))

it('keeps chunks that an earlier command may still need, but not for ever', () =>
  withSmallCheckout(async ({ run, write, folder }) => {
    write('out/cli/young-abc.mjs', '')
    write('out/cli/old-abc.mjs', '')
    utimesSync(join(folder, 'out/cli/old-abc.mjs'), 0, 0)
    await run()
    expect(readdirSync(join(folder, 'out/cli')).toSorted()).toEqual(['main.mjs', 'main.mjs.map', 'young-abc.mjs'])
  }))

it('runs the build it was shipped with where there are no sources', () =>
  withSmallCheckout(async ({ run, remove, write }) => {
    await run()
    remove('core/cli/main.ts')
    write('core/changed.ts', '')
    expect(await run('x')).toEqual({ code: 0, stdout: 'select 42 x\n', stderr: '' })
  }))
