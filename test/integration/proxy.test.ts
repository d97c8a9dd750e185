import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { type FaultProxy, startProxy } from '../support/services/proxy.ts'

/** A proxy before a server that gives back what it gets. */
async function startEcho(): Promise<FaultProxy> {
  const server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const proxy = await startProxy()
  proxy.setTarget({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 })
  onTestFinished(() => proxy.stop())
  return proxy
}

interface Talk {
  readonly socket: Socket
  /** What came back, and how it ended. */
  readonly heard: () => string
  readonly ended: Promise<string>
}

function talk(proxy: FaultProxy, text = ''): Talk {
  const socket = connect(proxy.port, proxy.host, () => void (text !== '' && socket.write(text)))
  let heard = ''
  socket.on('data', (chunk: Buffer) => void (heard += chunk.toString()))
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('close', () => resolve('closed'))
  })
  onTestFinished(() => void socket.destroy())
  return { socket, heard: () => heard, ended }
}

it('passes every byte on, and the end', async () => {
  const proxy = await startEcho()
  const { socket, heard, ended } = talk(proxy)
  const text = 'x'.repeat(3_000_000)
  socket.end(text)
  expect(await ended).toBe('closed')
  expect(heard() === text).toBe(true)
  await expect.poll(() => proxy.countOpen()).toBe(0)
  expect(proxy.countAccepted()).toBe(1)
})

it('delays and keeps the order', async () => {
  const proxy = await startEcho()
  proxy.setLatency(100)
  const startedMs = performance.now()
  const { socket, heard } = talk(proxy, 'a')
  for (const letter of 'bcdef') {
    await sleep(5)
    socket.write(letter)
  }
  await expect.poll(heard).toBe('abcdef')
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(200)
})

it('cuts what is open and refuses what comes, until told otherwise', async () => {
  const proxy = await startEcho()
  const first = talk(proxy, 'a')
  await expect.poll(first.heard).toBe('a')
  await proxy.refuse()
  expect(await talk(proxy).ended).toBe('ECONNREFUSED')
  first.socket.write('b')
  await expect.poll(first.heard).toBe('ab')
  proxy.cut()
  expect(await first.ended).toBe('ECONNRESET')
  await proxy.accept()
  await expect.poll(talk(proxy, 'c').heard).toBe('c')
})

it('holds everything back while frozen', async () => {
  const proxy = await startEcho()
  proxy.freeze()
  const { heard } = talk(proxy, 'a')
  await expect.poll(() => proxy.countOpen()).toBe(1)
  await sleep(50)
  expect(heard()).toBe('')
  proxy.thaw()
  await expect.poll(heard).toBe('a')
})

it('kills a connection after so many bytes, once', async () => {
  const proxy = await startEcho()
  proxy.killAfterBytes(3, 'server')
  const first = talk(proxy, 'abcdef')
  // What had arrived before the reset may be taken for all there is.
  expect(['ECONNRESET', 'closed']).toContain(await first.ended)
  expect('abc'.startsWith(first.heard())).toBe(true)
  await expect.poll(talk(proxy, 'abcdef').heard).toBe('abcdef')
})

it('cuts at a chosen chunk, before or after it has passed', async () => {
  const proxy = await startEcho()
  const passed: string[] = []
  proxy.watch((chunk, from) => {
    if (from === 'server') passed.push(chunk.toString())
    return from === 'client' && chunk.includes('COMMIT') ? 'cut' : 'pass'
  })
  expect(await talk(proxy, 'COMMIT').ended).toBe('ECONNRESET')
  expect(passed).toEqual([])
  proxy.watch(null)
  await expect.poll(talk(proxy, 'COMMIT').heard).toBe('COMMIT')
})
