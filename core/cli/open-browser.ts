import { spawn } from 'node:child_process'
import { say } from './output.ts'

/** The system's own command for opening an address, or null where there is nothing to open it in. */
function findOpener(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [command: string, ...args: string[]] | null {
  if (platform === 'darwin') return ['open']
  // Not `start`: that is a word of the shell, which would read the address as well.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? ['xdg-open'] : null
}

/** Opens an address in the user's browser, where there is one; else says that there is none. */
export function openBrowser(
  url: string,
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const opener = findOpener(platform, environment)
  const giveUp = (): void => say('storepulse: there is no browser to open here; open the address above in one')
  if (!opener) {
    giveUp()
    return
  }
  const [command, ...args] = opener
  const opening = spawn(command, [...args, url], { detached: true, stdio: 'ignore' })
  opening.once('error', giveUp)
  opening.unref()
}
