import type { Handlers } from './handlers.ts'
import type { Shell } from './shell.ts'

/** The same commands, with the processes of the program around the opened directory beside its own. */
export const listAllProcesses = (handlers: Handlers, shell: Shell | undefined): Handlers => ({
  ...handlers,
  async pipeline(request, context) {
    const view = await handlers.pipeline(request, context)
    return { ...view, processes: [...view.processes, ...(shell?.listProcesses?.() ?? [])] }
  },
})
