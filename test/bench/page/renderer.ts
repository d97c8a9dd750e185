import type { Page, WebSocket } from '@playwright/test'
import { type Figure, makeHome } from '../measure.ts'
import { openBrowser, startServe } from './served.ts'

/**
 * P8: the pages of a real `serve` in a real browser while 10,000 events a second come in: frames, long tasks, size of an
 * update, switching pages, scrolling through 10,000 stores.
 */
const settleMs = 15_000
const watchMs = 20_000
/** In the order of their keys, each with what is there once it has figures. */
const pages = [
  ['#/overview', '.leaders'],
  ['#/stores', '.stores-table .store-link'],
  ['#/quality', '.topics-table tfoot'],
  ['#/pipeline', '.partitions-table'],
] as const

interface Smoothness {
  readonly framesPerSecond: number
  readonly worstFrameMs: number
  readonly longTasks: number
  readonly longestTaskMs: number
}

/** Counts frames and tasks of over 50 ms in the page while `work` goes on. */
async function watchSmoothness(page: Page, work: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate(() => {
    const seen = { frames: 0, worstMs: 0, tasks: 0, longestMs: 0, fromMs: performance.now(), goesOn: true }
    Reflect.set(window, 'smoothness', seen)
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        seen.tasks += 1
        seen.longestMs = Math.max(seen.longestMs, duration)
      }
    }).observe({ type: 'longtask' })
    let lastMs = performance.now()
    const count = (nowMs: number): void => {
      seen.frames += 1
      seen.worstMs = Math.max(seen.worstMs, nowMs - lastMs)
      lastMs = nowMs
      if (seen.goesOn) requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  await work()
  return page.evaluate(() => {
    const seen = Reflect.get(window, 'smoothness') as {
      frames: number
      worstMs: number
      tasks: number
      longestMs: number
      fromMs: number
      goesOn: boolean
    }
    seen.goesOn = false
    return {
      framesPerSecond: (seen.frames * 1_000) / (performance.now() - seen.fromMs),
      worstFrameMs: seen.worstMs,
      longTasks: seen.tasks,
      longestTaskMs: seen.longestMs,
    }
  })
}

/** Time from the press of a page's key to the frame in which its figures are there, measured inside the page. */
const switchTo = (page: Page, key: string, route: string, ready: string): Promise<number> =>
  page.evaluate(
    async ([pressed, hash, wanted]) => {
      const fromMs = performance.now()
      window.dispatchEvent(new KeyboardEvent('keydown', { key: pressed ?? '', bubbles: true }))
      while (location.hash !== hash || !document.querySelector(wanted ?? '')) {
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return performance.now() - fromMs
    },
    [key, route, ready],
  )

/** Scrolls the list from its top to its end and back in steps of half a page, one a frame. */
const scrollThrough = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const scroller = document.querySelector('.table-scroll')
    if (!scroller) throw new Error('there is no list of stores')
    for (let step = 0; step < 600; step += 1) {
      scroller.scrollTop = (step / 600) * scroller.scrollHeight
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  })

function watchUpdates(page: Page): readonly number[] {
  const sizes: number[] = []
  const follow = (socket: WebSocket): void => {
    socket.on('framereceived', ({ payload }) => {
      sizes.push(typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length)
    })
  }
  page.on('websocket', follow)
  return sizes
}

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN

async function benchAt(stores: number): Promise<readonly Figure[]> {
  const { home, remove } = makeHome()
  const served = await startServe(home, ['generator.rate=10000', `generator.stores=${stores}`])
  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const sizes = watchUpdates(page)
    await page.goto(served.link)
    await page.locator('.state-mark').waitFor({ timeout: 60_000 })
    await page.waitForTimeout(settleMs)
    const firstUpdate = sizes.length
    const steady = await watchSmoothness(page, () => page.waitForTimeout(watchMs))
    const updates = sizes.slice(firstUpdate)
    const switches: number[] = []
    for (let round = 0; round < 4; round += 1) {
      for (const [index, [route, ready]] of pages.entries()) {
        const tookMs = await switchTo(page, String(index + 1), route, ready)
        if (round > 0) switches.push(tookMs)
        await page.waitForTimeout(400)
      }
    }
    await switchTo(page, '2', ...pages[1])
    await page.waitForTimeout(2_000)
    const scrolled = await watchSmoothness(page, () => scrollThrough(page))
    const bench = `renderer 10000/s, ${stores} stores`
    const figure = (what: string, value: number, unit: string): Figure => ({ bench, what, value, unit })
    return [
      figure('overview, frames', steady.framesPerSecond, '1/s'),
      figure('overview, tasks over 50 ms', steady.longTasks, `in ${watchMs / 1_000} s`),
      figure('overview, longest of them', steady.longestTaskMs, 'ms'),
      figure('update, median', median(updates) / 1_024, 'KiB'),
      figure('update, largest', Math.max(...updates) / 1_024, 'KiB'),
      figure('page switch, median', median(switches), 'ms'),
      figure('page switch, slowest', Math.max(...switches), 'ms'),
      figure('scrolling the stores, frames', scrolled.framesPerSecond, '1/s'),
      figure('scrolling the stores, longest frame', scrolled.worstFrameMs, 'ms'),
    ]
  } finally {
    await browser.close()
    await served.stop()
    remove()
  }
}

export const benchRenderer = async (): Promise<readonly Figure[]> => [
  ...(await benchAt(100)),
  ...(await benchAt(10_000)),
]
