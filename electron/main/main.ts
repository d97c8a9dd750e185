import { join } from 'node:path'
import { app, powerMonitor } from 'electron'
import { windowChannels } from '../../core/protocol/window-messages.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { createEngineProcess, type EngineProcess } from './engine-process.ts'
import { openGate } from './gate.ts'
import { setMenu } from './menu.ts'
import { createNotifications } from './notifications.ts'
import { openPageFiles } from './page-files.ts'
import { createPagePorts } from './page-ports.ts'
import { declarePageScheme, openCipher, servePages } from './platform.ts'
import { readProfileChoice, writeProfileChoice } from './profile-choice.ts'
import { createProfileCourse, type ProfileCourse } from './profile-course.ts'
import { createSecretStore } from './secrets.ts'
import { readStartRequest } from './start-request.ts'
import { createWindows } from './windows.ts'

/**
 * The desktop app's main process: windows, menus and the life of the engine. It never touches the data.
 *
 * 1. The single-instance lock comes first: a second start opens nothing, it brings the first one's window to the front.
 * 2. `storepulse start` hears of the first window, or of the other instance, by a message.
 */
const request = readStartRequest(process.env)
const tellLauncher = (what: 'shown' | 'focused'): void => void process.send?.(what)
const isMac = process.platform === 'darwin'

/** Ends the app once the engine has committed. */
function quitGracefully(engine: EngineProcess): void {
  let hasStopped = false
  app.on('before-quit', (event) => {
    if (hasStopped) return
    event.preventDefault()
    void engine.stop().then(() => {
      hasStopped = true
      app.quit()
    })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())
}

/** The profile the command names, else the one that was open last. */
function planCourse(): ProfileCourse {
  const file = join(app.getPath('userData'), 'profile.json')
  const remember = (profile: string): void => writeProfileChoice(file, profile)
  if (request.isChosen === true) return createProfileCourse(request.profile, null, remember)
  return createProfileCourse(readProfileChoice(file) ?? request.profile, request.profile, remember)
}

function run(): void {
  servePages(openPageFiles(join(app.getAppPath(), 'out', 'renderer')))
  const windows = createWindows(join(app.getPath('userData'), 'window.json'), () => tellLauncher('shown'))
  const ports = createPagePorts(() => engine)
  const notifications = createNotifications((route) => windows.focus(route))
  const course = planCourse()
  const closePages = (): void => {
    for (const window of windows.all()) window.webContents.send(windowChannels.closed)
  }
  const engine: EngineProcess = createEngineProcess({
    start: { dataDirectory: request.dataDirectory, flags: request.flags, version: app.getVersion() },
    course,
    secrets: createSecretStore(
      (profile) => join(describeDataDirectory(request.dataDirectory, profile).root, 'secrets.json'),
      openCipher(),
    ),
    listeners: {
      onReady() {
        windows.setNotice(null)
        ports.flush()
      },
      onGone(reason, nextInMs) {
        process.stderr.write(`storepulse: the engine ended: ${reason}; the next one starts in ${nextInMs} ms\n`)
        windows.setNotice(`the engine starts again (${reason})`)
        closePages()
      },
      onAlert: (alert) => notifications.raise(alert),
      onResolved: (id) => notifications.resolve(id),
      onSwitch(profile) {
        course.switchTo(profile)
        engine.startAnew()
      },
      onReplaced: closePages,
    },
  })
  openGate({ connect: (window, id) => ports.connect(window, id), setTheme: (theme) => windows.setTheme(theme) })
  setMenu({ openWindow: () => windows.open(), openRoute: (route) => windows.focus(route) }, isMac)
  powerMonitor.on('suspend', () => engine.setAsleep(true))
  powerMonitor.on('resume', () => engine.setAsleep(false))
  app.on('second-instance', () => windows.focus())
  app.on('activate', () => windows.focus())
  app.on('window-all-closed', () => {
    if (!isMac) app.quit()
  })
  quitGracefully(engine)
  engine.start()
  windows.open()
}

app.setName('Storepulse')
app.setPath('userData', join(request.dataDirectory, 'browser'))
declarePageScheme()
if (app.requestSingleInstanceLock()) void app.whenReady().then(run)
else {
  tellLauncher('focused')
  app.quit()
}
