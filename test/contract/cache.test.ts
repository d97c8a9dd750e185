import { onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { createMemoryCache, createMemoryHub } from '../../core/cache/memory/memory-cache.ts'
import { promiseCache } from './cache.promises.ts'

promiseCache('memory', async (count, { ttlMs = 30_000 } = {}) => {
  const hub = createMemoryHub()
  return Array.from({ length: count }, () => {
    const cache = createMemoryCache({ hub, clock: systemClock, ttlMs })
    onTestFinished(() => cache.close())
    return cache
  })
})
