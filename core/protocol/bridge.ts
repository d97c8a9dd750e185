/**
 * Between a page and whoever opened it: the window of the desktop app, or `serve` behind a browser.
 *
 * 1. A page speaks the messages of wire.ts.
 * 2. In the desktop app they travel through `window.storepulse`; in a browser as JSON texts over a WebSocket to
 *    {@link feedPath} on the same origin.
 * 3. A page that is reloaded, or whose connection ended, connects anew and asks again; the other side keeps nothing for it.
 */
import type { Commands, Feeds } from './commands.ts'
import type { WireFault } from './wire.ts'

export type PageCommands = Commands
export type PageCommandName = keyof PageCommands
export type PageFeeds = Feeds
export type PageFeedName = keyof PageFeeds

/** Every feed a page may ask for; one this host does not push stays silent. */
export const pageFeedNames = ['board', 'recent', 'backfill'] as const satisfies readonly PageFeedName[]

/** Page → host. */
export type PageMessage =
  | { readonly kind: 'request'; readonly id: number; readonly command: PageCommandName; readonly payload: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'subscribe'; readonly feed: PageFeedName }
  | { readonly kind: 'unsubscribe'; readonly feed: PageFeedName }

/** Host → page. */
export type PageAnswer =
  | { readonly kind: 'response'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly fault: WireFault }
  | { readonly kind: 'feed'; readonly feed: PageFeedName; readonly value: unknown }

/** What a connection tells the page. Functions, since a setter does not cross Electron's context bridge. */
export interface PageConnectionEvents {
  /** Called once, when messages may be sent. */
  readonly onOpen: () => void
  /** One {@link PageAnswer}, still unchecked. */
  readonly onMessage: (message: unknown) => void
  /** Called once, when the other side is gone; the page connects anew by itself. */
  readonly onClose: () => void
}

export interface PageConnection {
  postMessage(message: PageMessage): void
  /** Ends it without `onClose`. */
  close(): void
}

export type ThemeChoice = 'system' | 'dark' | 'light'

/** `window.storepulse`, put there by the preload of the desktop app; absent in a browser. */
export interface PageBridge {
  /** Shows Ctrl or ⌘. */
  readonly platform: 'linux' | 'darwin' | 'win32'
  /** What the About page lists, by name: Electron, Chromium, Node.js. */
  readonly versions: Readonly<Record<string, string>>
  /** Asks for a connection to the running engine. It opens when there is one, however long that takes. */
  connect(events: PageConnectionEvents): PageConnection
  /** Makes the window's own surfaces follow the page. */
  setTheme(theme: ThemeChoice): void
  /** Menu entries and clicked notifications open a route of the page: `/settings`, `/stores/7`. Returns its undo. */
  onOpenRoute(listener: (route: string) => void): () => void
}

/** Path of the WebSocket. With GET and without a session it answers 401, by which a page tells signed out from unreachable. */
export const feedPath = '/feed'

/** Close code of a WebSocket whose session ended. */
export const signedOutCloseCode = 4401

/** Stands in index.html where whoever serves it writes the nonce of this load's CSP. */
export const noncePlaceholder = '__STOREPULSE_CSP_NONCE__'
