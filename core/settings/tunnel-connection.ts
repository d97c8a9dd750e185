import type { TunnelConnection } from '../base/connections.ts'
import { refuseMissing } from './missing.ts'
import { readPem } from './pem.ts'
import type { Settings } from './settings.ts'

/**
 * The SSH server of a profile, or null where it needs none; reads its key from a file.
 *
 * @throws Fault `setting` naming what is missing
 */
export function readTunnelConnection(settings: Settings): TunnelConnection | null {
  const host = settings.text('tunnel.host')
  if (host === '') return null
  const username = settings.text('tunnel.username')
  const password = settings.secret('tunnel.password') || null
  const key = readPem('tunnel.key', settings.secret('tunnel.key'))
  if (username === '') throw refuseMissing('tunnel.username', 'tunnel.host is there')
  if (key === null && password === null) throw refuseMissing('tunnel.key', 'tunnel.host is there')
  return {
    host,
    port: settings.number('tunnel.port'),
    username,
    password,
    key,
    passphrase: settings.secret('tunnel.passphrase') || null,
    hostKey: settings.text('tunnel.hostKey'),
  }
}
