// What is held in memory outside of JavaScript's own heap, once all that nobody needs is gone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  return process.memoryUsage().arrayBuffers
}
