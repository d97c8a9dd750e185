import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme, screen, session } from 'electron'
import type { ThemeChoice } from '../../core/protocol/bridge.ts'
import { windowChannels } from '../../core/protocol/window-messages.ts'
import { grounds } from './grounds.ts'
import { pageOrigin } from './platform.ts'
import { isOnScreen, readWindowState, writeWindowState } from './window-state.ts'

/** All windows of the app. Each shows the same page. */
export interface Windows {
  open(route?: string): void
  /** Brings one to the front, opening it where there is none, and leads it to a route. */
  focus(route?: string): void
  all(): readonly BrowserWindow[]
  setTheme(theme: ThemeChoice): void
  /** Says in every title what is wrong; null = nothing. */
  setNotice(notice: string | null): void
}

const usualSize = { width: 1440, height: 900 }
const leastSize = { minWidth: 800, minHeight: 560 }
/** A page that crashes as often in a minute is not loaded again by itself. */
const mostCrashes = 5
const crashesWithinMs = 60_000
const title = 'Storepulse'

const ground = (): string => grounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light']

/** No page leads elsewhere, opens anything or is given a permission. */
function confine(window: BrowserWindow): void {
  const { webContents } = window
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  webContents.on('will-navigate', (event, url) => {
    if (!url.startsWith(`${pageOrigin}/`)) event.preventDefault()
  })
  webContents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Loads a page again whose process has ended. */
function reviveAfterCrash(window: BrowserWindow): void {
  let crashesAtMs: readonly number[] = []
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const nowMs = Date.now()
    crashesAtMs = [...crashesAtMs.filter((atMs) => nowMs - atMs < crashesWithinMs), nowMs]
    process.stderr.write(`storepulse: the page's process ended (${reason})\n`)
    if (crashesAtMs.length < mostCrashes) window.webContents.reload()
  })
}

/** @param stateFile where the window's place is kept */
export function createWindows(stateFile: string, onShown: () => void): Windows {
  let state = readWindowState(stateFile)
  let notice: string | null = null
  nativeTheme.themeSource = state.theme
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  nativeTheme.on('updated', () => all().forEach((window) => window.setBackgroundColor(ground())))

  const all = (): readonly BrowserWindow[] => BrowserWindow.getAllWindows()
  const save = (changes: Partial<typeof state>): void => {
    state = { ...state, ...changes }
    writeWindowState(stateFile, state)
  }
  const writeTitle = (window: BrowserWindow): void => window.setTitle(notice === null ? title : `${title}: ${notice}`)

  const open = (route?: string): void => {
    const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
    const isFirst = all().length === 0
    const place = isFirst && state.bounds && isOnScreen(state.bounds, areas) ? state.bounds : usualSize
    const window = new BrowserWindow({
      ...place,
      ...leastSize,
      show: false,
      title,
      backgroundColor: ground(),
      webPreferences: {
        preload: join(app.getAppPath(), 'out', 'electron', 'preload', 'preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        spellcheck: false,
      },
    })
    confine(window)
    reviveAfterCrash(window)
    window.on('page-title-updated', (event) => {
      event.preventDefault()
      writeTitle(window)
    })
    window.once('ready-to-show', () => {
      if (isFirst && state.isMaximized) window.maximize()
      window.show()
      onShown()
    })
    window.on('close', () => save({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() }))
    void window.loadURL(`${pageOrigin}/${route === undefined ? '' : `#${route}`}`)
  }

  return {
    open,
    all,
    focus(route) {
      const window = BrowserWindow.getFocusedWindow() ?? all()[0]
      if (!window) return open(route)
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      if (route !== undefined) window.webContents.send(windowChannels.route, route)
    },
    setTheme(theme) {
      nativeTheme.themeSource = theme
      if (theme !== state.theme) save({ theme })
    },
    setNotice(next) {
      notice = next
      all().forEach(writeTitle)
    },
  }
}
