import { contextBridge, ipcRenderer } from 'electron'
import type { PageBridge, PageConnectionEvents } from '../../core/protocol/bridge.ts'
import { type ConnectRequest, takenMessage, windowChannels } from '../../core/protocol/window-messages.ts'

/**
 * Puts `window.storepulse` into the page: what bridge.ts says, and nothing else of Electron.
 *
 * 1. Each connection is a MessagePort of its own, straight to the engine.
 * 2. When the engine goes, every connection ends; the page connects anew, and waits in main for the next engine.
 */
interface OpenConnection {
  readonly events: PageConnectionEvents
  port: MessagePort | null
}

const connections = new Map<number, OpenConnection>()
let lastId = 0

const readId = (value: unknown): number | null =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'number' ? value.id : null

const isFeed = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'feed'

ipcRenderer.on(windowChannels.port, ({ ports: [port] }, message: unknown) => {
  const connection = connections.get(readId(message) ?? -1)
  if (!port) return
  if (!connection) return port.close()
  connection.port = port
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    connection.events.onMessage(data)
    if (isFeed(data)) port.postMessage(takenMessage)
  })
  port.start()
  connection.events.onOpen()
})

ipcRenderer.on(windowChannels.closed, () => {
  const ended = [...connections].filter(([, { port }]) => port !== null)
  for (const [id, { events, port }] of ended) {
    connections.delete(id)
    port?.close()
    events.onClose()
  }
})

const { chrome, electron, node } = process.versions

const bridge = {
  platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
  versions: { Electron: electron, Chromium: chrome, 'Node.js': node },
  connect(events) {
    lastId += 1
    const id = lastId
    connections.set(id, { events, port: null })
    ipcRenderer.send(windowChannels.connect, { id } satisfies ConnectRequest)
    return {
      postMessage: (message) => connections.get(id)?.port?.postMessage(message),
      close() {
        connections.get(id)?.port?.close()
        connections.delete(id)
      },
    }
  },
  setTheme: (theme) => ipcRenderer.send(windowChannels.theme, theme),
  onOpenRoute(listener) {
    const open = (_event: unknown, route: unknown): void => {
      if (typeof route === 'string') listener(route)
    }
    ipcRenderer.on(windowChannels.route, open)
    return () => void ipcRenderer.removeListener(windowChannels.route, open)
  },
} satisfies PageBridge

contextBridge.exposeInMainWorld('storepulse', bridge)
