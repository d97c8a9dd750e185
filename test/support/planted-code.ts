import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build, type Plugin } from 'vite'

const root = join(import.meta.dirname, '../..')

/** A change to one source file: what stands there exactly once, and what takes its place. */
export interface Planting {
  /** Path from the project's root, with forward slashes. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Makes the changes while bundling; the sources stay as they are. Fails the build where one no longer fits. */
function plant(plantings: readonly Planting[]): Plugin {
  const pending = new Set(plantings)
  return {
    name: 'plant',
    enforce: 'pre',
    transform(code, id) {
      let changed = code
      for (const planting of plantings) {
        if (id !== join(root, planting.file)) continue
        const parts = changed.split(planting.find)
        if (parts.length !== 2) {
          throw new Error(`${planting.file} holds ${parts.length - 1} times, not once: ${planting.find}`)
        }
        changed = parts.join(planting.replace)
        pending.delete(planting)
      }
      return changed === code ? null : { code: changed, map: null }
    },
    buildEnd(error) {
      const [first] = pending
      if (!error && first) throw new Error(`${first.file} is no part of the bundle, so nothing was planted in it`)
    },
  }
}

/**
 * Bundles a program with changed sources, so that bugs and crash points are tried without a word of them in the product.
 *
 * @param entries names to source files, from the project's root; each becomes `<name>.mjs` in the folder returned
 */
export async function bundlePlanted(
  entries: Readonly<Record<string, string>>,
  plantings: readonly Planting[],
): Promise<string> {
  const name = createHash('sha256')
    .update(JSON.stringify([entries, plantings]))
    .digest('hex')
    .slice(0, 16)
  // Within the project: the packages that stay outside of the bundle are found from there.
  const outDir = join(root, 'out', 'planted', `${name}-${process.pid}`)
  await build({
    root,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'silent',
    plugins: [plant(plantings)],
    ssr: { target: 'node', noExternal: true, external: [] },
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      emptyOutDir: true,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([entry, source]) => [entry, join(root, source)])),
        external: [/^@duckdb\/node-bindings/, /^ssh2$/],
        output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  })
  return outDir
}
