import { desktop } from '../storepulse.ts'

const isMac = desktop === null ? /Mac|iPhone|iPad/.test(navigator.platform) : desktop.platform === 'darwin'

/** How the viewer's keyboard names the command palette. */
export const paletteShortcut = isMac ? '⌘ K' : 'Ctrl K'

const fieldSelector = 'input, select, textarea, [contenteditable="true"]'
const controlSelector = 'a, button, summary, [tabindex]:not([tabindex="-1"])'
const layerSelector = '[role="dialog"], [role="menu"], [role="listbox"]'

/** What a click has given the focus: a control that nobody reached by keyboard. */
let clicked: EventTarget | null = null
let isPointerDown = false

/** Remembers how each focus came about. */
export function watchFocus(): void {
  document.addEventListener('pointerdown', () => (isPointerDown = true), true)
  document.addEventListener('keydown', () => (isPointerDown = false), true)
  document.addEventListener('focusin', ({ target }) => (clicked = isPointerDown ? target : null), true)
}

/**
 * Whether single keys are free to act: nothing modal is open, no field has the focus, and no control was reached by keyboard.
 * A control that was merely clicked keeps the focus; keys are not lost on it.
 */
export function areKeysFree(focused: Element | null): boolean {
  if (document.querySelector('.dialog-shade') !== null) return false
  if (focused === null || focused === document.body) return true
  if (focused.closest(fieldSelector) !== null || focused.closest(layerSelector) !== null) return false
  return focused === clicked || !focused.matches(controlSelector)
}

/** Takes the focus from a control that was clicked, so that Space does not press it again. */
export function releaseFocus(): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLElement && activeElement !== document.body) activeElement.blur()
}
