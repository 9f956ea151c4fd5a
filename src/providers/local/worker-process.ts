// The child process as its parent sees it: messages in, messages out, one end.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type FromWorker, type ToWorker, isFromWorker } from './worker/protocol.ts'

export interface WorkerProcess {
  readonly pid: number | undefined
  send(message: ToWorker): void
  onMessage(listener: (message: FromWorker) => void): void
  /** Once, with how it ended, for people. */
  onExit(listener: (how: string) => void): void
  /** Whether this process has to stay alive for the worker's sake. */
  hold(): void
  letGo(): void
  kill(): void
}

export type StartWorker = () => WorkerProcess

// As source when Patchbay runs from its source, compiled when it is installed.
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('./worker/worker.ts', import.meta.url)
  : new URL('./worker/worker.js', import.meta.url)

export const startWorker: StartWorker = () => {
  const child = fork(fileURLToPath(WORKER), {
    // The parent's own flags (a debugger's port, a test runner's loader) are not meant for it.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return {
    get pid() {
      return child.pid
    },
    send(message) {
      // It may have died a moment ago; then its exit says so, and this failure has nothing to add.
      child.send(message, () => undefined)
    },
    onMessage(listener) {
      child.on('message', (message: unknown) => {
        if (isFromWorker(message)) listener(message)
      })
    },
    onExit(listener) {
      child.once('exit', (code, signal) => listener(signal ?? `exit code ${code ?? 'unknown'}`))
      child.once('error', (error) => listener(error.message))
    },
    hold() {
      child.ref()
      child.channel?.ref()
    },
    letGo() {
      child.unref()
      child.channel?.unref()
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}
