import { expect, it } from 'vitest'
import { createScreen } from '../../../core/cli/terminal/screen.ts'

/** A terminal that keeps what it is sent, and a process that can be told to end or stop. */
function createFakes() {
  const written: string[] = []
  const listeners = new Map<string, Set<() => void>>()
  const on = (event: string, listener: () => void): void => {
    listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
  }
  const off = (event: string, listener: () => void): void => void listeners.get(event)?.delete(listener)
  const stream = {
    columns: 80,
    rows: 24,
    writableNeedDrain: false,
    write: (text: string) => written.push(text),
    on,
    off,
  }
  let suspended = 0
  const events = { on, off, suspend: () => void (suspended += 1) }
  return {
    stream,
    events,
    emit: (event: string) => listeners.get(event)?.forEach((listener) => listener()),
    take: () => written.splice(0).join(''),
    countListeners: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    countSuspends: () => suspended,
  }
}

it('takes the terminal over and gives it back once', () => {
  const { stream, events, take, countListeners } = createFakes()
  const screen = createScreen(stream, events)
  expect(take()).toBe('\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J')
  screen.close()
  screen.close()
  expect(take()).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l')
  expect(countListeners()).toBe(0)
})

it('gives the terminal back when the process ends', () => {
  const { stream, events, take, emit } = createFakes()
  createScreen(stream, events)
  take()
  emit('exit')
  expect(take()).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l')
})

it('writes only the lines that changed', () => {
  const { stream, events, take } = createFakes()
  const screen = createScreen(stream, events)
  take()
  screen.show(['one', 'two', 'three'])
  expect(take()).toBe('\x1b[?2026h\x1b[1;1H\x1b[Kone\x1b[2;1H\x1b[Ktwo\x1b[3;1H\x1b[Kthree\x1b[?2026l')
  screen.show(['one', 'TWO'])
  expect(take()).toBe('\x1b[?2026h\x1b[2;1H\x1b[KTWO\x1b[3;1H\x1b[K\x1b[?2026l')
  screen.show(['one', 'TWO'])
  expect(take()).toBe('')
})

it('leaves frames out while the terminal is behind, and catches up after', () => {
  const { stream, events, take } = createFakes()
  const screen = createScreen(stream, events)
  screen.show(['1'])
  take()
  stream.writableNeedDrain = true
  screen.show(['2'])
  expect(take()).toBe('')
  stream.writableNeedDrain = false
  screen.show(['3'])
  expect(take()).toContain('\x1b[1;1H\x1b[K3')
})

it('draws anew after a change of size, within the new size', () => {
  const { stream, events, take, emit } = createFakes()
  const screen = createScreen(stream, events)
  let resizes = 0
  const undo = screen.onResize(() => {
    resizes += 1
    screen.show(['a', 'b', 'c'])
  })
  screen.show(['a', 'b', 'c'])
  take()
  stream.rows = 2
  emit('resize')
  expect(take()).toBe('\x1b[2J\x1b[?2026h\x1b[1;1H\x1b[Ka\x1b[2;1H\x1b[Kb\x1b[?2026l')
  expect(screen.size()).toEqual({ columns: 80, rows: 2 })
  undo()
  emit('resize')
  expect(resizes).toBe(1)
})

it('gives the terminal back while it is suspended', () => {
  const { stream, events, take, emit, countSuspends } = createFakes()
  const screen = createScreen(stream, events)
  screen.onResize(() => screen.show(['here again']))
  take()
  emit('SIGTSTP')
  expect(take()).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l')
  expect(countSuspends()).toBe(1)
  screen.show(['due before the return is known'])
  expect(take()).toBe('')
  emit('SIGCONT')
  expect(take()).toBe('\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J\x1b[?2026h\x1b[1;1H\x1b[Khere again\x1b[?2026l')
})

it('takes 80 by 24 for a terminal that does not say its size', () => {
  const { stream, events } = createFakes()
  const { columns: _columns, rows: _rows, ...sizeless } = stream
  expect(createScreen(sizeless, events).size()).toEqual({ columns: 80, rows: 24 })
})
