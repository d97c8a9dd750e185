// `npm run kills`: kills.ts, bundled by itself, since it needs the bundler to plant crash points.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

const root = join(import.meta.dirname, '../..')
// Two folders below the root, as its sources are: what they look for beside them is there.
const outDir = join(root, 'out', `kills-${process.pid}`)
await build({
  root,
  configFile: false,
  envFile: false,
  publicDir: false,
  logLevel: 'error',
  ssr: { target: 'node', noExternal: true, external: [] },
  build: {
    ssr: true,
    target: 'node20',
    outDir,
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { kills: join(import.meta.dirname, 'kills.ts') },
      external: [/^@duckdb\/node-bindings/, /^ssh2$/, /^vite$/],
      output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
})
try {
  const { runKills } = await import(pathToFileURL(join(outDir, 'kills.mjs')).href)
  process.exitCode = await runKills(process.argv.slice(2))
} finally {
  rmSync(outDir, { recursive: true, force: true })
}
