import { createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { askMetadata } from '../../../core/log/kafka/calls/metadata.ts'
import { type Link, openLink } from '../../../core/log/kafka/cluster/link.ts'
import { readAddress } from '../../../core/log/kafka/address.ts'
import { faultOf } from '../../support/fault-of.ts'

/** A broker that knows how to say what it can do, and answers nothing else. */
async function startMuteBroker(): Promise<{ readonly port: number; readonly sockets: readonly Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => socket.destroy())
    socket.on('data', (request: Buffer) => {
      if (request.readInt16BE(4) !== 18) return
      const answer = Buffer.alloc(20)
      answer.writeInt32BE(16, 0)
      request.copy(answer, 4, 8, 12)
      answer.writeInt32BE(1, 10)
      answer.writeInt16BE(3, 14)
      answer.writeInt16BE(12, 18)
      socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, sockets }
}

async function openTo(port: number): Promise<Link> {
  const connection = { brokers: [`127.0.0.1:${port}`], clientId: 'test', tls: null, sasl: null }
  const settings = { connection, clock: systemClock, logger: silentLogger, connectTimeoutMs: 5_000 }
  const link = await openLink(settings, { host: '127.0.0.1', port })
  onTestFinished(() => link.close())
  return link
}

/** Timers that are there at every look: not those that pass. */
async function countLastingTimers(): Promise<number> {
  let least = Infinity
  for (let look = 0; look < 20; look += 1) {
    await systemClock.sleep(5)
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    least = Math.min(least, timers)
  }
  return least
}

it('keeps no timer going while nothing is under way', async () => {
  const { port } = await startMuteBroker()
  const link = await openTo(port)
  expect(link.greatestVersionOf('Metadata')).toBe(12)
  expect(link.greatestVersionOf('Produce')).toBe(-1)
  const whileOpen = await countLastingTimers()
  link.close()
  expect(whileOpen).toBe(await countLastingTimers())
})

it('closes the connection of a broker that does not answer in time, and says so to all who wait', async () => {
  const { port } = await startMuteBroker()
  const link = await openTo(port)
  const late = faultOf(link.send(askMetadata([], 12), 50))
  const other = faultOf(link.send(askMetadata([], 12), 60_000))
  const fault = await late
  expect(fault).toMatchObject({ code: 'timeout', retry: true })
  expect(fault.message).toBe(`127.0.0.1:${port} gave no answer for 0.05 s (Metadata)`)
  expect((await other).message).toBe(fault.message)
  expect(link.isOpen()).toBe(false)
  expect((await faultOf(link.send(askMetadata([], 12), 50))).code).toBe('unreachable')
})

it('tells those who wait when the broker hangs up', async () => {
  const { port, sockets } = await startMuteBroker()
  const link = await openTo(port)
  const waiting = faultOf(link.send(askMetadata([], 12), 60_000))
  await expect.poll(() => sockets.length).toBe(1)
  sockets[0]?.destroy()
  expect(await waiting).toMatchObject({ code: 'unreachable', retry: true })
  await expect.poll(() => link.isOpen()).toBe(false)
})

it.each([
  ['broker.example:9093', 'broker.example', 9093],
  [' broker.example ', 'broker.example', 9092],
  ['[2001:db8::1]:9094', '2001:db8::1', 9094],
  ['SASL_SSL://broker.example:9093', 'broker.example', 9093],
])('reads the address %o', (text, host, port) => {
  expect(readAddress(text)).toEqual({ host, port })
})
