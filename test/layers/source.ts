import { parseSync, Visitor, type ESTree } from 'vite'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean
}

export type Finding =
  | 'clock-or-chance'
  | 'default-export'
  | 'empty-catch'
  | 'left-open'
  | 'test-that-does-not-run'
  | 'not-readable'

/** What the rules need to know of one file, read from its syntax tree. */
export interface Source {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly findings: readonly { readonly finding: Finding; readonly line: number; readonly text: string }[]
  readonly longBecause: boolean
}

const takenFromOutside: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  performance: ['now', 'timeOrigin'],
  process: ['hrtime', 'uptime'],
}
const timers = new Set(['setTimeout', 'setInterval', 'setImmediate'])
const testWords = new Set(['it', 'test', 'describe', 'suite', 'bench'])
const notRun = new Set(['skip', 'only', 'todo', 'fixme'])
const leftOpen = /\b(TODO|FIXME|XXX|HACK|not implemented|coming soon|placeholder data)\b/i

/** Reads imports and findings of one file. Text that does not parse is a finding, not an error. */
export function readSource(path: string, text: string): Source {
  const lineAt = lineFinder(text)
  const parsed = parseSync(path, text)
  const imports: Import[] = []
  const findings: { finding: Finding; line: number; text: string }[] = []
  const find = (finding: Finding, node: { readonly start: number; readonly end: number }): void => {
    const excerpt = text.slice(node.start, Math.min(node.end, node.start + 60)).split('\n')[0] ?? ''
    findings.push({ finding, line: lineAt(node.start), text: excerpt })
  }
  for (const error of parsed.errors) {
    findings.push({ finding: 'not-readable', line: lineAt(error.labels[0]?.start ?? 0), text: error.message })
  }
  for (const found of parsed.module.staticImports) {
    const typeOnly = found.entries.length > 0 && found.entries.every((entry) => entry.isType)
    imports.push({ specifier: found.moduleRequest.value, line: lineAt(found.start), typeOnly })
  }
  for (const found of parsed.module.staticExports) {
    for (const entry of found.entries) {
      if (entry.exportName.kind === 'Default') find('default-export', found)
      if (!entry.moduleRequest) continue
      imports.push({ specifier: entry.moduleRequest.value, line: lineAt(found.start), typeOnly: entry.isType })
    }
  }
  for (const comment of parsed.comments) if (leftOpen.test(comment.value)) find('left-open', comment)
  visit(
    parsed.program,
    (specifier, node, typeOnly) => imports.push({ specifier, line: lineAt(node.start), typeOnly }),
    find,
  )
  const header = parsed.comments.filter((comment) => lineAt(comment.start) <= 30)
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports,
    findings: findings.toSorted((left, right) => left.line - right.line),
    longBecause: header.some((comment) => /\bLong because \S/.test(comment.value)),
  }
}

type Spot = { readonly start: number; readonly end: number }

function visit(
  program: ESTree.Program,
  importSeen: (specifier: string, node: Spot, typeOnly: boolean) => void,
  find: (finding: Finding, node: Spot) => void,
): void {
  new Visitor({
    ImportExpression: (node) => {
      const specifier = textOf(node.source)
      if (specifier === null) find('not-readable', node)
      else importSeen(specifier, node, false)
    },
    TSImportType: (node) => importSeen(textOf(node.source) ?? '', node, true),
    NewExpression: (node) => {
      const name = nameOf(node.callee)
      if (name === 'Date' && node.arguments.length === 0) find('clock-or-chance', node)
      const [first, second] = node.arguments
      if (name !== 'URL' || !first || second?.type !== 'MemberExpression') return
      const specifier = textOf(first)
      if (specifier?.endsWith('.ts')) importSeen(specifier, node, false)
    },
    CallExpression: (node) => {
      const name = nameOf(node.callee)
      if (name !== null && (timers.has(name) || name === 'Date')) find('clock-or-chance', node)
      if (name === 'require') importSeen(textOf(node.arguments[0]) ?? '', node, false)
      if (node.callee.type !== 'MemberExpression') return
      const method = memberOf(node.callee)
      if (method === 'catch' && isEmptyFunction(node.arguments[0])) find('empty-catch', node)
      if (method !== null && notRun.has(method) && testWords.has(nameOf(node.callee.object) ?? '')) {
        find('test-that-does-not-run', node)
      }
    },
    MemberExpression: (node) => {
      const owner = nameOf(node.object)
      const member = memberOf(node)
      if (owner !== null && member !== null && takenFromOutside[owner]?.includes(member)) find('clock-or-chance', node)
    },
    CatchClause: (node) => {
      if (node.body.body.length === 0) find('empty-catch', node)
    },
  }).visit(program)
}

type Node = { readonly type: string } | null | undefined

function nameOf(node: Node): string | null {
  return node?.type === 'Identifier' && 'name' in node && typeof node.name === 'string' ? node.name : null
}

function textOf(node: Node): string | null {
  return node?.type === 'Literal' && 'value' in node && typeof node.value === 'string' ? node.value : null
}

function memberOf(node: ESTree.MemberExpression): string | null {
  return node.computed ? textOf(node.property) : nameOf(node.property)
}

function isEmptyFunction(node: ESTree.Argument | undefined): boolean {
  if (node?.type !== 'ArrowFunctionExpression' && node?.type !== 'FunctionExpression') return false
  return node.body?.type === 'BlockStatement' && node.body.body.length === 0
}

/** Offset → line, from 1. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1)
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1
}
