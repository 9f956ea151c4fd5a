// A timer that is late because the loop stood still does not fire before what came meanwhile.
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { realAfter } from './after.ts'

/** Does nothing for so long, and lets nothing else be done. */
function stall(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

it('F130 lets in what has come while the loop stood, and is called off by it', async () => {
  const written = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('x', () => written.resolve())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const socket = connect(address.port, '127.0.0.1')
  socket.pause()
  await once(socket, 'connect')
  await written.promise
  // What the server wrote waits in the kernel; a plain timer would be first.
  const order: string[] = []
  const over = Promise.withResolvers<void>()
  const callOff = realAfter(10, () => {
    order.push('timeout')
    over.resolve()
  })
  socket.once('data', () => {
    callOff()
    order.push('data')
    over.resolve()
  })
  socket.resume()
  stall(100)
  await over.promise
  // The turn in which a timer that was not called off would fire.
  await new Promise((resolve) => setImmediate(resolve))
  expect(order).toEqual(['data'])
  socket.destroy()
  server.close()
})

it('fires when nothing comes, and can be called off', async () => {
  const fired: string[] = []
  const over = Promise.withResolvers<void>()
  realAfter(1, () => fired.push('never'))()
  realAfter(1, () => {
    fired.push('one')
    over.resolve()
  })
  await over.promise
  expect(fired).toEqual(['one'])
})
