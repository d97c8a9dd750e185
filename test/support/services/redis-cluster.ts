import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from './redis.ts'

export interface RedisCluster {
  /** One of each node. */
  readonly urls: readonly string[]
  /** Kills all nodes and starts them again; who has which slots is kept. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const slots = 16_384

/** Sends one command and gives back all that was answered until the line is quiet. */
const send = (port: number, ...words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${words.join(' ')}\r\n`))
    let answer = ''
    socket.setEncoding('utf8')
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')))
    socket.once('error', reject)
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (!answer.endsWith('\r\n')) return
      resolve(answer)
      socket.destroy()
    })
  })

async function waitUntilWhole(nodes: readonly RedisServer[]): Promise<void> {
  for (const { port } of nodes) {
    for (let tries = 0; ; tries += 1) {
      const info = await send(port, 'CLUSTER', 'INFO')
      if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`)) break
      if (tries > 600) throw new Error(`the cluster does not come together: ${info}`)
      await sleep(100)
    }
  }
}

/** Starts a cluster of three primaries. Whoever starts it stops it. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    for (let count = 0; count < 3; count += 1) {
      const settings = { 'cluster-enabled': 'yes', 'cluster-config-file': 'nodes.conf', 'cluster-node-timeout': '5000' }
      nodes.push(await startRedis({ settings }))
    }
    for (const [index, node] of nodes.entries()) {
      const [from, until] = [index, index + 1].map((part) => Math.floor((part * slots) / nodes.length))
      await send(node.port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String((until ?? 0) - 1))
      if (index > 0) await send(nodes[0]?.port ?? 0, 'CLUSTER', 'MEET', '127.0.0.1', String(node.port))
    }
    await waitUntilWhole(nodes)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    urls: nodes.map(({ url }) => url),
    async restart() {
      await Promise.all(nodes.map((node) => node.halt()))
      await Promise.all(nodes.map((node) => node.start()))
      await waitUntilWhole(nodes)
    },
    stop,
  }
}
