import { test as base, expect } from '@playwright/test'
import { collectComplaints, keepView } from '../page/complaints.ts'
import { type DemoHost, type DemoOptions, startDemoHost } from './demo-host.ts'

/** What a test says about its page and the host behind it. */
export interface PageOptions {
  readonly demo: DemoOptions
  /** What the page has kept from an earlier visit. */
  readonly kept: Readonly<Record<string, unknown>>
  /** Console errors that the test provokes. */
  readonly provoked: RegExp | null
}

interface PageFixtures {
  readonly host: DemoHost
  /** The page on a route, with its first figures on screen. */
  readonly open: (route: string) => Promise<void>
}

/** A test of the page against a made-up host. It fails on any complaint of the browser that it did not provoke. */
export const test = base.extend<PageOptions & PageFixtures>({
  demo: [{}, { option: true }],
  kept: [{ introduced: true }, { option: true }],
  provoked: [null, { option: true }],
  host: async ({ demo }, use) => {
    const host = await startDemoHost(demo)
    await use(host)
    await host.close()
  },
  page: async ({ page, kept, provoked }, use) => {
    const complaints = await collectComplaints(page)
    await keepView(page, kept)
    await use(page)
    expect(complaints.filter((text) => provoked?.test(text) !== true)).toEqual([])
  },
  open: async ({ page, host }, use) => {
    await use(async (route) => {
      await page.goto(`${host.url}#${route}`)
      await expect(page.locator('.state-mark')).toHaveText(/Running|Paused|Faulted/)
    })
  },
})

export { expect } from '@playwright/test'
