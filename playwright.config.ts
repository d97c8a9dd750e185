import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

/** Where `.ci/run` collects what ran. */
const reports = process.env['TEST_REPORTS']
const systemBrowser = '/usr/bin/chromium'
const isRoot = process.getuid?.() === 0

/** In the system's own browser where there is one; Playwright's elsewhere. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  // It fetches an Electron and opens windows: only where it is asked to.
  testIgnore: process.env['STOREPULSE_ELECTRON'] === undefined ? '**/electron.spec.ts' : [],
  outputDir: 'out/e2e',
  timeout: 60_000,
  // What is waited for comes at once on a quiet machine; a busy one may take its time.
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  reporter: reports ? [['list'], ['json', { outputFile: `${reports}/${process.pid}.json` }]] : [['list']],
  use: {
    launchOptions: {
      ...(existsSync(systemBrowser) ? { executablePath: systemBrowser } : {}),
      // Chromium's sandbox refuses to start as root.
      args: isRoot ? ['--no-sandbox'] : [],
    },
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'Europe/Oslo',
  },
})
