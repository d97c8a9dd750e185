import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findFreePorts, type ServerProcess, startServerProcess } from './server-process.ts'

/** Asks whether it serves (`srvr`). */
function probeZookeeper(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('srvr'))
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer within 2 s')))
    socket.once('error', reject)
    socket.once('data', (answer: Buffer) => {
      if (answer.toString().includes('Mode:')) resolve()
      else reject(new Error(answer.toString()))
      socket.destroy()
    })
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}

/** Starts a ZooKeeper out of Kafka's libraries, with its data in `directory`. */
export async function startZookeeper(
  libraries: string,
  directory: string,
): Promise<ServerProcess & { readonly port: number }> {
  const [port = 0] = await findFreePorts(1)
  const file = join(directory, 'zookeeper.properties')
  writeFileSync(
    file,
    [
      `dataDir=${join(directory, 'zookeeper')}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      'admin.enableServer=false',
      'maxClientCnxns=0',
      '4lw.commands.whitelist=srvr',
      '',
    ].join('\n'),
  )
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  const server = await startServerProcess({
    program: 'java',
    args: ['-Xmx256m', '-XX:+UseSerialGC', '-cp', join(libraries, '*'), main, file],
    directory,
    output: 'zookeeper.log',
    probe: () => probeZookeeper(port),
  })
  return { ...server, port }
}
