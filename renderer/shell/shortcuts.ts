import { desktop } from '../storepulse.ts'

const isMac = desktop === null ? /Mac|iPhone|iPad/.test(navigator.platform) : desktop.platform === 'darwin'

/** How the viewer's keyboard names the command palette. */
export const paletteShortcut = isMac ? '⌘ K' : 'Ctrl K'

const fieldSelector = 'input, select, textarea, [contenteditable="true"]'
const controlSelector = 'a, button, summary, [tabindex]:not([tabindex="-1"])'
const layerSelector = '[role="dialog"], [role="menu"], [role="listbox"]'

/**
 * Whether single keys are free to act: nothing modal is open, no field has the focus, and no control was reached by keyboard.
 * A control that was merely clicked keeps the focus invisibly; keys are not lost on it.
 */
export function areKeysFree(target: Element | null): boolean {
  if (document.querySelector('[data-layer="modal"]') !== null) return false
  if (target === null || target === document.body) return true
  if (target.closest(fieldSelector) !== null || target.closest(layerSelector) !== null) return false
  return !(target.matches(controlSelector) && target.matches(':focus-visible'))
}

/** Takes the focus from a control that was clicked, so that Space does not press it again. */
export function releaseFocus(): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLElement && activeElement !== document.body) activeElement.blur()
}
