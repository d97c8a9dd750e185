import type { Page } from '@playwright/test'

const whole = '.panel-title, .tile-figure, .tile-name, th, .number, .stage-name, .figures'

/** Parts that stick out of the window, or titles and figures that are cut. */
export const findOverflow = (page: Page): Promise<readonly string[]> =>
  page.evaluate((selector) => {
    const found = document.documentElement.scrollWidth > window.innerWidth ? ['the page is wider than the window'] : []
    for (const element of document.querySelectorAll(selector)) {
      if (element.scrollWidth > element.clientWidth + 1) found.push(`cut: ${element.textContent}`)
    }
    return found
  }, whole)
