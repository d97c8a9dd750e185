import { report } from '../report.ts'
import { benchDesktopLaunch, benchServeLaunch } from './launch.ts'
import { benchRenderer } from './renderer.ts'

/**
 * `npm run bench:page [-- name…]`: what needs a browser or a display; writes out/bench/page.json. Names: serve, renderer,
 * desktop (needs a display, such as `xvfb-run -a npm run bench:page -- desktop`); all of them without one.
 */
await report(
  { serve: benchServeLaunch, renderer: benchRenderer, desktop: benchDesktopLaunch },
  process.argv.slice(2),
  'page.json',
)
