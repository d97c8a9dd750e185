import type { Page } from '@playwright/test'

/** Every complaint of the browser from now on: errors and warnings on the console, uncaught exceptions, violations of the CSP. */
export async function collectComplaints(page: Page): Promise<readonly string[]> {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
  })
  await page.exposeFunction('reportViolation', (what: string) => complaints.push(`CSP: ${what}`))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      void Reflect.get(window, 'reportViolation')(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  return complaints
}

/** Sets the screen up as if an earlier visit had left it so; a test that changes it keeps its changes over a reload. */
export async function keepView(page: Page, view: Readonly<Record<string, unknown>>): Promise<void> {
  await page.addInitScript((kept) => {
    if (localStorage.getItem('storepulse.view') === null) localStorage.setItem('storepulse.view', JSON.stringify(kept))
  }, view)
}
