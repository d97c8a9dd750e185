import { readdir, readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { Fault, systemErrorCode } from '../../base/fault.ts'
import { noncePlaceholder } from '../../protocol/bridge.ts'
import { signInScriptPath } from './sign-in-page.ts'

/**
 * The built pages, read whole at start.
 *
 * 1. What is not in the list is not there: a path is looked up, never joined to a folder, so no spelling of it leads out.
 * 2. Links on the disk are not followed.
 * 3. A build that is made while they are served changes nothing: index and assets stay those of one build.
 */
export interface RendererFiles {
  /** index.html with this load's nonce in it, and with the script that redeems a link opened there. */
  index(nonce: string): string
  /** The file at exactly that path, which begins with a slash; else null. */
  find(path: string): RendererFile | null
}

export interface RendererFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  /** Its name changes with its content, so that it may be kept for ever. */
  readonly isHashed: boolean
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Named by vite: `<name>-<eight or more of base64url>.<ending>` in assets/. */
const hashedPath = /^\/assets\/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/

async function readIndex(folder: string): Promise<string> {
  const file = join(folder, 'index.html')
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    throw new Fault('not-found', `the pages are not built: there is no ${file}`, {
      cause: error,
      hint: 'build them with `npm run build`',
    })
  }
}

/** Reads the build in `folder`. @throws Fault `not-found` when there is none, `input` when it cannot be served */
export async function loadRenderer(folder: string): Promise<RendererFiles> {
  const root = resolve(folder)
  const page = await readIndex(root)
  for (const place of [noncePlaceholder, '<head>']) {
    if (page.includes(place)) continue
    throw new Fault('input', `${join(root, 'index.html')} cannot be served: there is no ${place} in it`, {
      hint: 'build the pages anew with `npm run build`',
    })
  }
  // Before any other script: the pages keep their own route in the fragment, and would take a token's place.
  const signedIn = page.replace('<head>', `<head><script src="${signInScriptPath}"></script>`)
  const files = new Map<string, RendererFile>()
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(root.length).replaceAll('\\', '/')
    const type = types[extname(entry.name)]
    if (!entry.isFile() || type === undefined || path === '/index.html') continue
    files.set(path, { bytes: new Uint8Array(await readFile(file)), type, isHashed: hashedPath.test(path) })
  }
  return {
    index: (nonce) => signedIn.replaceAll(noncePlaceholder, nonce),
    find: (path) => files.get(path) ?? null,
  }
}
