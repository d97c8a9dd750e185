import { removeServerDirectory, type ServerCommand, type ServerProcess, startServerProcess } from './server-process.ts'

/** What can be done to a server that was started; its directory stays. */
export interface ServerControls {
  /** Ends it, by the signal it is used to unless told otherwise. */
  halt(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again where it was; does nothing while it runs. */
  start(): Promise<void>
  restart(signal?: NodeJS.Signals): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void
  resume(): void
}

/** A server with a directory of its own. */
export interface OwnServer extends ServerControls {
  readonly directory: string
  /** Ends it and takes its directory away. */
  stop(): Promise<void>
}

/** @param haltSignal what `halt` sends unless told otherwise */
export function controlServer(command: ServerCommand, haltSignal: NodeJS.Signals): ServerControls {
  let server: ServerProcess | null = null
  const controls: ServerControls = {
    async halt(signal = haltSignal) {
      await server?.end(signal)
      server = null
    },
    async start() {
      server ??= await startServerProcess(command)
    },
    async restart(signal) {
      await controls.halt(signal)
      await controls.start()
    },
    pause: () => server?.pause(),
    resume: () => server?.resume(),
  }
  return controls
}

/**
 * Starts a server that has its directory to itself; nothing of it stays when that fails.
 *
 * @param signals what `halt` and `stop` send unless told otherwise
 * @param prepare what is done first once it answers
 */
export async function startOwnServer(
  command: ServerCommand,
  signals: { readonly halt: NodeJS.Signals; readonly stop: NodeJS.Signals },
  prepare?: () => void,
): Promise<OwnServer> {
  const controls = controlServer(command, signals.halt)
  const { directory } = command
  const stop = async (): Promise<void> => {
    await controls.halt(signals.stop)
    removeServerDirectory(directory)
  }
  try {
    await controls.start()
    prepare?.()
  } catch (error) {
    await stop()
    throw error
  }
  return { ...controls, directory, stop }
}
