import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

const rendererFolder = dirname(fileURLToPath(import.meta.url))
const rootFolder = dirname(rendererFolder)

/** Stands in renderer/bundled-packages.ts for what the build finds in the bundle. */
const packagesPlaceholder = /["'`]__BUNDLED_PACKAGES__["'`]/

/** Folder of the package a module belongs to, or null for our own. */
function findPackageFolder(moduleId: string): string | null {
  const file = moduleId.replace(/^\0/, '').replace(/\?.*$/, '')
  const found = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file)
  return found?.[1] && existsSync(join(found[1], 'package.json')) ? found[1] : null
}

function describePackage(folder: string): {
  readonly name: string
  readonly version: string
  readonly licence: string
} {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { name, version, licence: typeof license === 'string' ? license : String(license?.type ?? 'see package') }
}

/** Writes the name, version and licence of every package that is in the bundle into the page that lists them. */
function listBundledPackages(): Plugin {
  return {
    name: 'storepulse-bundled-packages',
    renderChunk(code, _chunk, _options, { chunks }) {
      if (!packagesPlaceholder.test(code)) return null
      // Styles are in no chunk any more, and bring fonts.
      const styles = [...this.getModuleIds()].filter((id) => id.endsWith('.css'))
      const modules = [...Object.values(chunks).flatMap((chunk) => chunk.moduleIds), ...styles]
      const folders = new Set(modules.map(findPackageFolder).filter((folder) => folder !== null))
      const packages = [...folders].map(describePackage)
      const sorted = packages.toSorted((left, right) => (left.name < right.name ? -1 : 1))
      return { code: code.replace(packagesPlaceholder, () => JSON.stringify(JSON.stringify(sorted))), map: null }
    },
  }
}

/** Makes the first paint wait for the script that knows the theme, and leaves out what a page of its own scheme cannot use. */
function settleTags(): Plugin {
  return {
    name: 'storepulse-tags',
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replaceAll(' crossorigin', '').replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  }
}

/**
 * How the page is built: `renderer/index.html` → `out/renderer`. Nothing is inline, every address is relative, every asset is
 * named for its content.
 */
export function createRendererConfig(): UserConfig {
  const { version } = JSON.parse(readFileSync(join(rootFolder, 'package.json'), 'utf8'))
  return {
    root: rendererFolder,
    base: './',
    envDir: false,
    publicDir: false,
    clearScreen: false,
    plugins: [react(), listBundledPackages(), settleTags()],
    define: { __STOREPULSE_VERSION__: JSON.stringify(version) },
    build: {
      outDir: join(rootFolder, 'out/renderer'),
      emptyOutDir: true,
      target: 'chrome108',
      cssTarget: 'chrome108',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2_000,
    },
  }
}

export default defineConfig(createRendererConfig())
