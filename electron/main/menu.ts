import { Menu, type MenuItemConstructorOptions } from 'electron'

/** What the menus do beside the roles the system knows. */
export interface MenuVerbs {
  readonly openWindow: () => void
  readonly openRoute: (route: string) => void
}

export function setMenu({ openRoute, openWindow }: MenuVerbs, isMac: boolean): void {
  const about: MenuItemConstructorOptions = { label: 'About Storepulse', click: () => openRoute('/about') }
  const settings: MenuItemConstructorOptions = {
    label: 'Settings…',
    accelerator: 'CommandOrControl+,',
    click: () => openRoute('/settings'),
  }
  const appMenu: MenuItemConstructorOptions = {
    label: 'Storepulse',
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  }
  const fileMenu: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      { label: 'New window', accelerator: 'CommandOrControl+N', click: openWindow },
      { type: 'separator' },
      ...(isMac ? [{ role: 'close' as const }] : [settings, { type: 'separator' as const }, { role: 'quit' as const }]),
    ],
  }
  const viewMenu: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'reload' },
      { role: 'toggleDevTools' },
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
    ],
  }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [appMenu] : []),
      fileMenu,
      { role: 'editMenu' },
      viewMenu,
      { role: 'windowMenu' },
      ...(isMac ? [] : [{ role: 'help' as const, submenu: [about] }]),
    ]),
  )
}
