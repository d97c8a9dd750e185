import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** Every page of the app, and what is there once its figures are. */
export const places: readonly (readonly [route: string, ready: string])[] = [
  ['/overview', '.leaders'],
  ['/stores', '.stores-table .store-link'],
  ['/stores/7', '.facts'],
  ['/quality', '.topics-table tfoot'],
  ['/pipeline', '.partitions-table'],
  ['/connections', '.connection .setting-input'],
  ['/settings', '.setting-input'],
  ['/about', '.about table'],
]

/**
 * What axe finds serious or worse, in words: all rules, or only those that a theme can change.
 *
 * @param isAlone whether no further page can be opened beside this one, as in a desktop app
 */
export async function findSerious(
  page: Page,
  rules: 'all' | 'of a theme',
  isAlone = false,
): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(isAlone)
  const { violations } = await (rules === 'all'
    ? axe
    : axe.withRules(['color-contrast', 'link-in-text-block'])
  ).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${String(target)} ${failureSummary ?? ''}`),
    )
}
