import { type BrowserWindow, MessageChannelMain } from 'electron'
import { type ConnectRequest, windowChannels } from '../../core/protocol/window-messages.ts'
import type { EngineProcess } from './engine-process.ts'

/** Mints the ports between pages and the engine: a new pair each time a page asks, and never before there is an engine. */
export interface PagePorts {
  connect(window: BrowserWindow, id: number): void
  /** Gives their ports to the pages that wait. */
  flush(): void
}

export function createPagePorts(engine: () => Pick<EngineProcess, 'connect'>): PagePorts {
  // Only the last request of a page counts: it has given up those before.
  const waiting = new Map<BrowserWindow, number>()
  const connect = (window: BrowserWindow, id: number): void => {
    const { port1, port2 } = new MessageChannelMain()
    if (engine().connect(port1)) {
      waiting.delete(window)
      window.webContents.postMessage(windowChannels.port, { id } satisfies ConnectRequest, [port2])
    } else {
      if (!waiting.has(window)) window.once('closed', () => waiting.delete(window))
      waiting.set(window, id)
    }
  }
  return {
    connect,
    flush() {
      for (const [window, id] of waiting) if (!window.isDestroyed()) connect(window, id)
    },
  }
}
