import { expect, it, onTestFinished, vi } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { createBoardView } from '../../../core/cli/board-view.ts'
import type { Board } from '../../../core/protocol/board.ts'
import { sampleBoard } from './sample-board.ts'

/** A view of boards that are asked for, and what it has written. */
function openView(read: () => Promise<Board>) {
  vi.useFakeTimers()
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  let asked = 0
  const run = async (): Promise<never> => {
    asked += 1
    // oxlint-disable-next-line typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion -- nothing but boards is asked for
    return (await read()) as never
  }
  const view = createBoardView(
    { run, watchBoard: () => () => undefined, close: async () => undefined },
    { isJson: true, monotonicMs: () => 0 },
  )
  onTestFinished(() => {
    view.close()
    vi.restoreAllMocks()
    vi.useRealTimers()
  })
  view.start()
  return { view, written, said, asked: () => asked }
}

it('shows the first number at once, and a line a second from then on', async () => {
  let epoch = 0
  const { written } = openView(async () => ({ ...sampleBoard, epoch }))
  await vi.advanceTimersByTimeAsync(200)
  expect(written).not.toHaveBeenCalled()
  epoch = 1
  await vi.advanceTimersByTimeAsync(60)
  expect(written).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written).toHaveBeenCalledTimes(6)
})

it('writes a line a second where no number comes, and asks no more often than that', async () => {
  const { asked, written } = openView(async () => ({ ...sampleBoard, epoch: 0 }))
  await vi.advanceTimersByTimeAsync(5_000)
  const before = asked()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked() - before).toBe(60)
  expect(written.mock.calls.length).toBeGreaterThanOrEqual(60)
})

it('says why there is no board, but not that everything ends', async () => {
  let fault = new Fault('closing', 'the warehouse was closed')
  const { said, written } = openView(() => Promise.reject(fault))
  await vi.advanceTimersByTimeAsync(100)
  expect(said).not.toHaveBeenCalled()
  fault = new Fault('unreachable', 'the server is gone')
  await vi.advanceTimersByTimeAsync(100)
  expect(said).toHaveBeenCalledWith(expect.stringContaining('the server is gone'))
  expect(written).not.toHaveBeenCalled()
})
