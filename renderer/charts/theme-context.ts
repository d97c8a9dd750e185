import { createContext } from 'react'
import type { ThemeStore } from '../theme.ts'

export const ThemeContext = createContext<ThemeStore | null>(null)
