import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { noncePlaceholder } from '../../core/protocol/bridge.ts'
import { buildContentPolicy } from '../../core/protocol/content-policy.ts'

export interface PageFile {
  readonly status: 200 | 404
  readonly type: string
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, string>>
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const indexPath = '/index.html'

function listFiles(folder: string, path = ''): readonly string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listFiles(folder, `${path}/${entry.name}`) : [`${path}/${entry.name}`],
  )
}

/**
 * The built page, by the paths of its addresses. A path is looked up in the list of what is there, never joined to a
 * folder, so no spelling of it leads out.
 */
export function openPageFiles(folder: string): (path: string) => PageFile {
  const known = new Set(listFiles(folder))
  return (asked) => {
    const path = asked === '/' ? indexPath : asked
    const nonce = randomBytes(16).toString('base64')
    const headers = {
      'Content-Security-Policy': buildContentPolicy(nonce),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    }
    const type = types[extname(path)]
    if (!known.has(path) || type === undefined) {
      return { status: 404, type: 'text/plain', bytes: Buffer.alloc(0), headers }
    }
    const bytes = readFileSync(join(folder, path))
    if (path !== indexPath) return { status: 200, type, bytes, headers }
    const page = bytes.toString('utf8').split(noncePlaceholder).join(nonce)
    return { status: 200, type, bytes: Buffer.from(page), headers }
  }
}
