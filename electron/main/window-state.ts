import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const stateSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']),
  isMaximized: z.boolean(),
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().min(400), height: z.int().min(300) }).nullable(),
})

/** How the window was left. */
export type WindowState = z.infer<typeof stateSchema>

const firstState: WindowState = { theme: 'system', isMaximized: false, bounds: null }

/** Reads it; what is not there or not whole counts as a first start. */
export function readWindowState(file: string): WindowState {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.data : firstState
  } catch {
    // How a window lay is worth no message.
    return firstState
  }
}

/** Writes it, whole or not at all. */
export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const leastVisible = 100

/** Whether enough of a window lies on one of the screens there are now to be taken hold of. */
export function isOnScreen(bounds: Area, screens: readonly Area[]): boolean {
  return screens.some((screen) => {
    const width = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x)
    const height = Math.min(bounds.y + bounds.height, screen.y + screen.height) - Math.max(bounds.y, screen.y)
    return width >= leastVisible && height >= leastVisible
  })
}
