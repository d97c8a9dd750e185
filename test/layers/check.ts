import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import {
  adapters,
  clockAndChanceHome,
  defaultExportAllowed,
  emptyNames,
  homes,
  longestFile,
  mayImport,
  reaches,
  toolConfig,
  worldModules,
  type Reach,
} from './rules.ts'
import { readSource, type Import, type Source } from './source.ts'

/** Checks files (path from the root, `/` between → text) against every rule. Returns one line a violation, sorted. */
export function findViolations(files: ReadonlyMap<string, string>): readonly string[] {
  const program = [...files].filter(([path]) => !toolConfig.test(path))
  const sources = new Map(program.map(([path, text]) => [path, readSource(path, text)]))
  const found: string[] = []
  for (const source of sources.values()) {
    const report = (line: number, message: string): void => void found.push(`${source.path}:${line} ${message}`)
    checkFindings(source, report)
    checkName(source.path, report)
    if (source.path.startsWith('test/')) continue
    checkShape(source, report)
    for (const item of source.imports) checkImport(source.path, item, sources, report)
  }
  for (const reach of reaches) found.push(...findReaches(reach, sources))
  return found.toSorted()
}

type Report = (line: number, message: string) => void

function checkName(path: string, report: Report): void {
  if (!/^[a-z0-9]+([-.][a-z0-9]+)*\.tsx?$/.test(posix.basename(path))) report(1, 'is not named in kebab-case')
  if (path.split('/').some((part) => emptyNames.test(part.replace(/\.tsx?$/, '')))) {
    report(1, 'has a name that says nothing: name it for what it does')
  }
}

function checkShape(source: Source, report: Report): void {
  if (areaOf(source.path) === null) report(1, 'lies in no folder that ARCHITECTURE.md names')
  if (source.lines > longestFile && !source.longBecause) {
    report(longestFile + 1, `has ${source.lines} lines; say “Long because …” in its header, or split it`)
  }
}

function checkFindings(source: Source, report: Report): void {
  const isTest = source.path.startsWith('test/')
  const mayReadClock = isTest || !source.path.startsWith('core/') || isWithin(source.path, clockAndChanceHome)
  for (const { finding, line, text } of source.findings) {
    switch (finding) {
      case 'clock-or-chance':
        if (!mayReadClock) report(line, `takes time or chance from the machine instead of as an argument: ${text}`)
        break
      case 'default-export':
        if (!isTest && !defaultExportAllowed.test(source.path)) report(line, 'has a default export')
        break
      case 'empty-catch':
        report(line, 'drops an error in silence')
        break
      case 'left-open':
        // The layer check speaks of these words itself.
        if (!source.path.startsWith('test/layers/')) report(line, `is left open: ${text}`)
        break
      case 'test-that-does-not-run':
        if (isTest) report(line, `does not run, or keeps others from running: ${text}`)
        break
      case 'not-readable':
        report(line, `cannot be read: ${text}`)
        break
    }
  }
}

function checkImport(path: string, item: Import, sources: ReadonlyMap<string, Source>, report: Report): void {
  const target = resolveImport(path, item.specifier)
  if (target.kind === 'node') {
    if (!item.specifier.startsWith('node:')) report(item.line, `names ${item.specifier} without node:`)
    return
  }
  if (target.kind === 'package') {
    const home = homes[target.name]
    if (!home) report(item.line, `imports ${target.name}, which has no home in test/layers/rules.ts`)
    else if (!home.some((place) => isWithin(path, place))) {
      report(item.line, `imports ${target.name}, whose home is ${home.join(', ')}`)
    }
    return
  }
  const isSource = /\.tsx?$/.test(target.path)
  if (isSource && !sources.has(target.path)) report(item.line, `imports ${item.specifier}, which does not exist`)
  const from = areaOf(path)
  const to = areaOf(target.path)
  if (from === null) return
  if (to === null) report(item.line, `imports ${target.path}, which is no part of the program`)
  else if (from !== to && !mayImport[from]?.includes(to))
    report(item.line, `imports ${target.path}: ${from} may not import ${to}`)
  else if (from === to && areOtherAdapters(path, target.path)) {
    report(item.line, `imports ${target.path}: adapters of one port do not know each other`)
  }
}

/** Reports each forbidden import once, with one way that leads to it. */
function findReaches(reach: Reach, sources: ReadonlyMap<string, Source>): readonly string[] {
  const found = new Map<string, string>()
  const starts = [...sources.keys()].filter((path) => reach.from.some((place) => isWithin(path, place)))
  for (const start of starts) {
    for (const { specifier, target, way } of arrivalsFrom(start, sources)) {
      const arrival = `${way.at(-1) ?? start} ${specifier}`
      if (found.has(arrival) || !reach.never.some((what) => isForbidden(what, target))) continue
      const steps = [...way, specifier].join(' → ')
      found.set(arrival, `${start}:1 must not reach ${specifier} (${reach.because}): ${steps}`)
    }
  }
  return [...found.values()]
}

interface Arrival {
  readonly specifier: string
  readonly target: Outside
  /** From the start to the file that holds the import. */
  readonly way: readonly string[]
}

/** Follows every import that is there at run time, to everything outside the program that it loads. */
function* arrivalsFrom(start: string, sources: ReadonlyMap<string, Source>): Generator<Arrival> {
  const ways = new Map<string, readonly string[]>([[start, [start]]])
  // A map is walked in the order of insertion, what is added meanwhile included.
  for (const [path, way] of ways) {
    for (const { specifier, typeOnly } of sources.get(path)?.imports ?? []) {
      const target = resolveImport(path, specifier)
      if (typeOnly || isPathOnly(specifier)) continue
      if (target.kind !== 'file') yield { specifier, target, way }
      else if (!ways.has(target.path)) ways.set(target.path, [...way, target.path])
    }
  }
}

/** The path of a file that another process will load: nothing of it is loaded here. */
const isPathOnly = (specifier: string): boolean => specifier.endsWith('?modulePath')

type Outside = { readonly kind: 'node'; readonly name: string } | { readonly kind: 'package'; readonly name: string }
type Target = Outside | { readonly kind: 'file'; readonly path: string }

function resolveImport(from: string, specifier: string): Target {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from), specifier.replace(/\?[\w&]+$/, ''))
    // A package's file that its name does not give: the package it is of, all the same.
    return path.startsWith('node_modules/')
      ? resolveImport(from, path.slice('node_modules/'.length))
      : { kind: 'file', path }
  }
  const bare = specifier.replace(/^node:/, '')
  if (bare !== specifier || builtinModules.includes(bare)) return { kind: 'node', name: bare.split('/')[0] ?? bare }
  const parts = specifier.split('/')
  return { kind: 'package', name: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') }
}

function isForbidden(what: string, target: Outside): boolean {
  if (target.kind === 'node') return what === 'node' || (what === 'world' && worldModules.includes(target.name))
  return what === 'packages' || what === target.name
}

/** Whether a file lies in a folder, or is the file that `place` names without its ending. */
function isWithin(path: string, place: string): boolean {
  return path.startsWith(`${place}/`) || path === `${place}.ts` || path === `${place}.tsx`
}

function areaOf(path: string): string | null {
  const areas = [...Object.keys(mayImport), 'resources/sql', 'package.json']
  return areas.find((area) => path === area || path.startsWith(`${area}/`)) ?? null
}

function areOtherAdapters(from: string, to: string): boolean {
  const adapterOf = (path: string): string | undefined =>
    path
      .split('/')
      .slice(2, -1)
      .find((part) => adapters.includes(part))
  const [left, right] = [adapterOf(from), adapterOf(to)]
  return left !== undefined && right !== undefined && left !== right
}
