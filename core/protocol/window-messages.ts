/** What crosses between the desktop app's main process and its pages, beside the MessagePort to the engine. */
export const windowChannels = {
  /** Page → main, {@link ConnectRequest}: asks for a port to the engine. */
  connect: 'storepulse:connect',
  /** Main → page, {@link ConnectRequest} with one port: the one that was asked for. */
  port: 'storepulse:port',
  /** Main → page: the engine is gone, and with it every port. */
  closed: 'storepulse:closed',
  /** Page → main, a ThemeChoice. */
  theme: 'storepulse:theme',
  /** Main → page, a route to open. */
  route: 'storepulse:route',
} as const

export interface ConnectRequest {
  /** The page's own number for this connection. */
  readonly id: number
}

/** Page → engine, beside the messages of wire.ts: one value of a feed was taken, there is room for another. */
export const takenMessage = { kind: 'taken' } as const
