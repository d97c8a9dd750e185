import { systemClock } from '../base/clock.ts'
import type { Dial } from '../base/dial.ts'
import type { Settings } from '../settings/settings.ts'
import { readTunnelConnection } from '../settings/tunnel-connection.ts'

const known = new WeakMap<Settings, Dial>()

/**
 * How the servers of a profile are reached, as a part of their connections: through one SSH server, or directly.
 *
 * @throws Fault `setting` where the tunnel is not wholly described
 */
export async function describeDialling(settings: Settings): Promise<{ readonly dial?: Dial }> {
  const connection = readTunnelConnection(settings)
  if (!connection) return {}
  const { createTunnel } = await import('../tunnel/tunnel.ts')
  const dial = known.get(settings) ?? createTunnel(connection, systemClock).dial
  known.set(settings, dial)
  return { dial }
}
