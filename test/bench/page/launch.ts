import { join } from 'node:path'
import { _electron } from '@playwright/test'
import { prepareElectron } from '../../support/electron.ts'
import { type Figure, makeHome } from '../measure.ts'
import { openBrowser, startServe } from './served.ts'

/**
 * P7 with a screen: from the start of the process to the first number on the page, on a data directory that is there
 * already. The desktop is the app in a real Electron; `launch desktop` needs a display.
 */
const rounds = 5
/** The first tile holds a figure once it has a digit. */
const firstNumber = () => /\d/.test(document.querySelector('.tile-figure')?.textContent ?? '')
const settings = ['generator.rate=100']

const summarize = (bench: string, tookMs: readonly number[]): readonly Figure[] => {
  const later = tookMs.slice(1).sort((left, right) => left - right)
  const figure = (what: string, value: number): Figure => ({ bench, what, value, unit: 'ms' })
  return [
    figure('first launch → first number', tookMs[0] ?? Number.NaN),
    figure('later launches, median', later[Math.floor(later.length / 2)] ?? Number.NaN),
    figure('later launches, slowest', later.at(-1) ?? Number.NaN),
  ]
}

/** `serve` and a browser that is open already. */
export async function benchServeLaunch(): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  const browser = await openBrowser()
  try {
    const tookMs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      const served = await startServe(home, settings)
      await page.goto(served.link)
      await page.waitForFunction(firstNumber, undefined, { polling: 'raf' })
      tookMs.push(performance.now() - served.startedMs)
      await page.close()
      await served.stop()
    }
    return summarize('launch serve', tookMs)
  } finally {
    await browser.close()
    remove()
  }
}

export async function benchDesktopLaunch(): Promise<readonly Figure[]> {
  const executablePath = prepareElectron()
  const { home, remove } = makeHome()
  try {
    const tookMs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const startedMs = performance.now()
      const app = await _electron.launch({
        executablePath,
        args: ['--no-sandbox', '--disable-gpu'],
        cwd: join(executablePath, '..'),
        env: { ...process.env, STOREPULSE_HOME: home, STOREPULSE_GENERATOR_RATE: '100' },
      })
      const page = await app.firstWindow()
      await page.waitForFunction(firstNumber, undefined, { polling: 'raf' })
      tookMs.push(performance.now() - startedMs)
      await app.close()
    }
    return summarize('launch desktop', tookMs)
  } finally {
    remove()
  }
}
