import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { describeAddresses, isLoopback, readPublicUrl } from '../../../core/host/serve/addresses.ts'
import { mintLink, openLinks } from '../../../core/host/serve/links.ts'
import { formatMetrics } from '../../../core/host/serve/metrics-text.ts'
import { announceServing, readServing } from '../../../core/host/serve/serving.ts'
import { createManualClock } from '../../support/clock.ts'
import { redeem, servePages, tokenOf } from '../../support/served-pages.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { emptyBoard, sampleAlerts, sampleBoard } from '../cli/sample-board.ts'

it('makes a link of the running server from another process’s side of the directory', async () => {
  const { folder, port, url } = await servePages()
  const { expiresAt, url: link } = await mintLink({ folder, clock: systemClock, randomBytes }, 'view')
  expect(link.startsWith(`${url}/#token=`)).toBe(true)
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(590_000)
  expect((await redeem(port, tokenOf(link))).status).toBe(204)
})

it('makes no link where nothing is served, nor where the server died', async () => {
  const folder = makeTemporaryDirectory()
  const parts = { folder, clock: systemClock, randomBytes }
  await expect(mintLink(parts, 'view')).rejects.toMatchObject({ code: 'not-found' })
  await announceServing(folder, { processId: 2 ** 31 - 1, url: 'http://127.0.0.1:7410' })
  await expect(mintLink(parts, 'view')).rejects.toMatchObject({ code: 'not-found' })
  const pages = await servePages()
  await pages.close()
  await expect(mintLink({ ...parts, folder: pages.folder }, 'view')).rejects.toMatchObject({ code: 'not-found' })
})

it('leaves the record of a server that came later', async () => {
  const folder = makeTemporaryDirectory()
  const takeBack = await announceServing(folder, { processId: process.pid, url: 'http://127.0.0.1:1' })
  await announceServing(folder, { processId: process.pid, url: 'http://127.0.0.1:2' })
  await takeBack()
  expect((await readServing(folder))?.url).toBe('http://127.0.0.1:2')
})

it('takes a link once over all that look for it, and clears away what has expired', async () => {
  const folder = makeTemporaryDirectory()
  const clock = createManualClock(1_750_000_000_000)
  const vaults = await Promise.all([1, 2, 3].map(() => openLinks(folder, clock, randomBytes)))
  const { secret } = (await vaults[0]?.add('operate', 1_000)) ?? { secret: '' }
  const taken = await Promise.all(vaults.map((vault) => vault.take(secret)))
  expect(taken.filter((grant) => grant !== null)).toEqual([{ role: 'operate', expiresAtMs: 1_750_000_001_000 }])
  await vaults[0]?.add('view', 1_000)
  clock.advance(1_000)
  await vaults[1]?.add('view', 1_000)
  expect(readdirSync(join(folder, 'links'))).toHaveLength(1)
})

it('lives with files that are none of its own', async () => {
  const folder = makeTemporaryDirectory()
  mkdirSync(join(folder, 'links'))
  writeFileSync(join(folder, 'links', 'a'.repeat(64)), '{"role":"operate"')
  writeFileSync(join(folder, 'links', 'b'.repeat(64)), '{"role":"owner","expiresAtMs":9999999999999}')
  writeFileSync(join(folder, 'links', 'note.txt'), 'x')
  const links = await openLinks(folder, systemClock, randomBytes)
  expect((await links.readAll()).size).toBe(0)
  expect(readdirSync(join(folder, 'links'))).toEqual(['note.txt'])
})

it('knows its own addresses', () => {
  const hosts = (address: string, isTls: boolean, publicUrl: string | null, port: number): readonly string[] =>
    describeAddresses({ address, isTls, publicUrl }, port).all.map(({ host, origin }) => `${host} ${origin}`)
  expect(new Set(hosts('127.0.0.1', false, null, 7410))).toEqual(
    new Set([
      '127.0.0.1:7410 http://127.0.0.1:7410',
      'localhost:7410 http://localhost:7410',
      '[::1]:7410 http://[::1]:7410',
    ]),
  )
  expect(hosts('192.0.2.7', true, null, 443)).toContain('192.0.2.7 https://192.0.2.7')
  expect(hosts('127.0.0.1', false, 'https://sales.example.com', 7410)).toContain(
    'sales.example.com https://sales.example.com',
  )
  expect(hosts('0.0.0.0', false, null, 80).some((line) => line.includes('0.0.0.0'))).toBe(false)
  expect(describeAddresses({ address: '::1', isTls: false, publicUrl: null }, 7410).url).toBe('http://[::1]:7410')
})

it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('knows that %s is this machine', (address) => {
  expect(isLoopback(address)).toBe(true)
})

it.each(['0.0.0.0', '::', '127.0.0.1.example.com', '127.1', '10.0.0.1', '', 'localhost.example.com'])(
  'knows that %s may be another',
  (address) => {
    expect(isLoopback(address)).toBe(false)
  },
)

it.each(['sales.example.com', 'ftp://x', 'https://x/path', 'https://u:p@x', 'https://x?q', 'https://x#f', ''])(
  'takes no public URL such as %s',
  (text) => {
    expect(() => readPublicUrl(text)).toThrow('--public-url takes an address such as')
  },
)

it('writes the board as metrics that can be read back', async () => {
  const { text } = await formatMetrics({ ...sampleBoard, alerts: sampleAlerts })
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(
    lines.every((line) => /^storepulse_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[\d.e+]+$/.test(line)),
  ).toBe(true)
  for (const line of [
    'storepulse_received_records_total{topic="retail-transactions"} 34567',
    'storepulse_records_total{topic="retail-transactions",outcome="counted"} 22222',
    'storepulse_invalid_records_total{reason="not_json"} 10000',
    'storepulse_lag_seconds 0.1',
    'storepulse_latency_seconds{hop="total",quantile="0.99"} 0.131',
    'storepulse_state{state="running"} 1',
    'storepulse_state{state="faulted"} 0',
    'storepulse_revenue_last_hour 1234567.89',
    'storepulse_alerts{kind="silent-store",severity="warning"} 1',
    'storepulse_process_resident_memory_bytes 181900000',
  ]) {
    expect(lines).toContain(line)
  }
})

it('leaves out figures without a sample', async () => {
  const { text } = await formatMetrics(emptyBoard)
  expect(text).not.toMatch(/NaN|latency_seconds|throughput|watermark|alerts/)
  expect(text).toContain('storepulse_lag_records 0')
})
