import type { Duplex } from 'node:stream'

/**
 * Opens a connection to a server in another way than directly. What it gives can be written to at once, and emits
 * `connect` once it leads there; it has what clients ask of a socket.
 */
export type Dial = (host: string, port: number) => Duplex
