import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'

const rootFolder = dirname(fileURLToPath(import.meta.url))
/** The Electron that tests can have here is older than the one that is shipped. */
const isCompat = process.env.STOREPULSE_TARGET === 'compat'
const folder = process.env.STOREPULSE_OUT ?? join(rootFolder, isCompat ? 'out/compat' : 'out/electron')

/** CommonJS, since a sandboxed preload and older Electrons take nothing else; all in it but the native warehouse. */
const build = (part: 'main' | 'preload', more: Readonly<Record<string, string>> = {}) => ({
  outDir: join(folder, part),
  target: isCompat ? 'node16' : 'node24',
  externalizeDeps: false,
  sourcemap: true,
  emptyOutDir: true,
  rolldownOptions: {
    input: { [part]: join(rootFolder, 'electron', part, `${part}.ts`), ...more },
    external: [/^@duckdb\/node-bindings/, /^cpu-features$/],
    output: { format: 'cjs' as const, entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
  },
})

/** The engine finds it beside itself. */
const worker = { 'generator.worker': join(rootFolder, 'core', 'generator', 'generator.worker.ts') }

export default defineConfig({ main: { build: build('main', worker) }, preload: { build: build('preload') } })
