import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findViolations } from './check.ts'

const root = join(import.meta.dirname, '../..')

function readTree(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const folder of ['core', 'electron', 'renderer', 'test']) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || entry.name.endsWith('.d.ts')) continue
      const path = join(entry.parentPath, entry.name)
      files.set(path.slice(root.length + 1).replaceAll('\\', '/'), readFileSync(path, 'utf8'))
    }
  }
  return files
}

const check = (files: Readonly<Record<string, string>>): readonly string[] =>
  findViolations(new Map(Object.entries(files)))

it('leaves the settings of tools alone', () => {
  expect(check({ 'renderer/vite.config.ts': "import { join } from 'node:path'\nexport default join\n" })).toEqual([])
})

it('finds every file of the program within its layer', () => {
  const tree = readTree()
  expect(tree.size).toBeGreaterThan(30)
  expect(findViolations(tree)).toEqual([])
})

it('lets a layer import what lies under it', () => {
  expect(
    check({
      'core/base/clock.ts': 'export const now = () => Date.now()\n',
      'core/events/decode.ts': "import { now } from '../base/clock.ts'\nexport const at = now\n",
      'core/log/log.ts': "import type { at } from '../events/decode.ts'\nexport type At = typeof at\n",
    }),
  ).toEqual([])
})

it.each([
  ['a sibling', "import { b } from '../log/b.ts'", 'core/stream may not import core/log'],
  ['a sibling’s type', "import type { b } from '../log/b.ts'", 'core/stream may not import core/log'],
  ['a sibling, re-exported', "export * from '../log/b.ts'", 'core/stream may not import core/log'],
  ['a sibling, when needed', "export const b = () => import('../log/b.ts')", 'core/stream may not import core/log'],
  ['a sibling’s type, in place', "export type B = import('../log/b.ts').B", 'core/stream may not import core/log'],
  [
    'a worker file of a sibling',
    "export const b = new URL('../log/b.ts', import.meta.url)",
    'core/stream may not import core/log',
  ],
  ['a test', "import '../../test/support/x.ts'", 'is no part of the program'],
  ['a file that is not there', "import '../base/gone.ts'", 'does not exist'],
  ['a package away from its home', "import { Client } from 'pg'", 'whose home is core/warehouse/postgres'],
  [
    'a package by its files',
    "import { Client } from '../../node_modules/pg/lib/client.js'",
    'whose home is core/warehouse/postgres',
  ],
  ['a package without a home', "import leftPad from 'left-pad'", 'has no home'],
  ['a Node.js module without node:', "import 'path'", 'without node:'],
  ['a world module', "import { readFileSync } from 'node:fs'", 'must not reach node:fs'],
])('refuses %s in an import', (_what, line, message) => {
  const found = check({
    'core/stream/a.ts': `${line}\n`,
    'core/log/b.ts': 'export const b = 1\n',
    'test/support/x.ts': 'export const x = 1\n',
  })
  expect(found[0]).toContain('core/stream/a.ts:1 ')
  expect(found.join('\n')).toContain(message)
})

it('follows imports to what a layer must not reach, and shows the way', () => {
  const found = check({
    'core/stream/engine.ts': "import { hash } from '../base/hash.ts'\nexport const engine = hash\n",
    'core/base/hash.ts': "import { read } from './read.ts'\nexport const hash = read\n",
    'core/base/read.ts': "import { readFileSync } from 'node:fs'\nexport const read = readFileSync\n",
  })
  expect(found).toEqual([
    'core/stream/engine.ts:1 must not reach node:fs (the engine is synchronous and does no I/O): core/stream/engine.ts → core/base/hash.ts → core/base/read.ts → node:fs',
  ])
})

it('does not follow the path of a file for another process', () => {
  expect(
    check({
      'electron/main/main.ts': "import path from '../engine/engine.ts?modulePath'\nexport const engine = path\n",
      'electron/engine/engine.ts': "import { query } from '../../core/host/public.ts'\nexport const run = query\n",
      'core/host/public.ts': "import { query } from '../pipeline/public.ts'\nexport { query }\n",
      'core/pipeline/public.ts': "import { query } from '../duckdb/query.ts'\nexport { query }\n",
      'core/duckdb/query.ts': "import { query } from '@duckdb/node-api'\nexport { query }\n",
    }),
  ).toEqual([])
})

it('lets a type come from where code may not', () => {
  expect(
    check({
      'core/stream/engine.ts': "import type { Stats } from '../base/read.ts'\nexport type Engine = Stats\n",
      'core/base/read.ts': "import type { Stats } from 'node:fs'\nexport type { Stats }\n",
    }),
  ).toEqual([])
})

it('keeps the adapters of a port apart', () => {
  const found = check({
    'core/log/memory/log.ts': "import { b } from '../segment/b.ts'\nexport const a = b\n",
    'core/log/segment/b.ts': 'export const b = 1\n',
  })
  expect(found).toEqual([expect.stringContaining('adapters of one port do not know each other')])
})

it.each([
  ['reads the clock', 'export const at = Date.now()', 'takes time or chance'],
  ['passes the clock on', 'export const now = Date.now', 'takes time or chance'],
  ['reads the clock by a date', 'export const at = new Date()', 'takes time or chance'],
  ['reads the monotonic clock', 'export const at = performance.now()', 'takes time or chance'],
  ['draws by itself', "export const x = Math['random']()", 'takes time or chance'],
  ['sets a timer', 'setTimeout(() => 1, 5)', 'takes time or chance'],
  ['has a default export', 'export default 1', 'has a default export'],
  ['drops an error', 'try { a() } catch { /* so what */ }', 'drops an error in silence'],
  ['drops a rejection', 'void a().catch(() => {})', 'drops an error in silence'],
  ['is left open', 'export const a = 1 // TODO: more', 'is left open'],
  ['does not parse', 'export const = 1', 'cannot be read'],
  ['imports what cannot be known', 'export const a = (name: string) => import(name)', 'cannot be read'],
])('refuses a file that %s', (_what, line, message) => {
  expect(check({ 'core/log/a.ts': `${line}\n` }).join('\n')).toContain(message)
})

it('takes a date with an argument, and words in a string, for what they are', () => {
  const text = 'export const a = new Date(0)\nexport const b = \'Date.now() TODO import("pg")\'\n'
  expect(check({ 'core/log/a.ts': text })).toEqual([])
})

it.each(['utils', 'string-utils', 'helpers', 'test.helper', 'common', 'window-manager'])(
  'refuses the name %s',
  (name) => {
    expect(check({ [`core/log/${name}.ts`]: 'export const a = 1\n' })).toEqual([
      expect.stringContaining('says nothing'),
    ])
    expect(check({ [`core/log/${name}/a.ts`]: 'export const a = 1\n' })).toEqual([
      expect.stringContaining('says nothing'),
    ])
  },
)

it('refuses names in another case and folders that are not in the plan', () => {
  expect(check({ 'core/log/openLog.ts': '' })).toEqual([expect.stringContaining('kebab-case')])
  expect(check({ 'core/toolbox/a.ts': '' })).toEqual([expect.stringContaining('no folder that ARCHITECTURE.md names')])
})

it('asks a long file for its reason', () => {
  const long = 'export const a = [\n' + '  1,\n'.repeat(250) + ']\n'
  expect(check({ 'core/log/a.ts': long })).toEqual([expect.stringContaining('has 252 lines')])
  expect(check({ 'core/log/a.ts': `// Long because one table belongs in one place.\n${long}` })).toEqual([])
})

it('refuses a test that does not run, or runs alone', () => {
  const text = "it.skip('a', () => {})\nit.only('b', () => {})\ndescribe.todo('c')\nit.skipIf(true)('d', () => {})\n"
  expect(check({ 'test/unit/a.test.ts': text })).toHaveLength(3)
})
