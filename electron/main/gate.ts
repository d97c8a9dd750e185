import { BrowserWindow, ipcMain, type IpcMainEvent } from 'electron'
import { z } from 'zod'
import type { ThemeChoice } from '../../core/protocol/bridge.ts'
import { windowChannels } from '../../core/protocol/window-messages.ts'
import { pageOrigin } from './platform.ts'

/**
 * The one door from pages to main: every message is from a page of ours and of the shape it must have, or it is dropped
 * and said.
 */
export interface GateVerbs {
  readonly connect: (window: BrowserWindow, id: number) => void
  readonly setTheme: (theme: ThemeChoice) => void
}

const schemas = {
  connect: z.strictObject({ id: z.int().min(1) }),
  theme: z.enum(['system', 'dark', 'light']),
}

function findPage({ sender, senderFrame }: IpcMainEvent): BrowserWindow | null {
  const isOurs = senderFrame === sender.mainFrame && (senderFrame?.url.startsWith(`${pageOrigin}/`) ?? false)
  return isOurs ? BrowserWindow.fromWebContents(sender) : null
}

function listen<Message>(
  channel: string,
  schema: z.ZodType<Message>,
  act: (window: BrowserWindow, message: Message) => void,
): void {
  ipcMain.on(channel, (event, raw: unknown) => {
    const window = findPage(event)
    const message = schema.safeParse(raw)
    if (window && message.success) act(window, message.data)
    else process.stderr.write(`storepulse: a message on ${channel} was refused\n`)
  })
}

export function openGate({ connect, setTheme }: GateVerbs): void {
  listen(windowChannels.connect, schemas.connect, (window, { id }) => connect(window, id))
  listen(windowChannels.theme, schemas.theme, (_window, theme) => setTheme(theme))
}
