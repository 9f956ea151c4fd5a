// A port of this machine that nobody listens on.
import { type AddressInfo, createServer } from 'node:net'

export async function freePort(): Promise<number> {
  const probe = createServer()
  const address = await new Promise<AddressInfo | string | null>((resolve) => {
    probe.listen(0, '127.0.0.1', () => resolve(probe.address()))
  })
  await new Promise<void>((resolve) => {
    probe.close(() => resolve())
  })
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
