// An open-loop generator: it asks at its pace whatever becomes of the answers, each on a connection of its own.
import { connect } from 'node:net'
import { requestIn } from '../asks.ts'

export interface Call {
  /** Milliseconds since the epoch. */
  readonly askedAt: number
  /** When its provider heard of it. */
  readonly arrivedAt?: number
  readonly endedAt: number
  /** 0: none. */
  readonly status: number
  readonly retryAfter?: string
  /** The code of an error. */
  readonly code?: string
  readonly isWhole: boolean
}

const REQUEST = requestIn('openai-chat', { model: 'house/m', shape: 'stream' }, [
  'Connection: close',
])

async function ask(port: number): Promise<Call> {
  const askedAt = Date.now()
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more
  })
  socket.on('error', () => undefined)
  socket.write(REQUEST)
  await new Promise((resolve) => {
    socket.once('close', resolve)
  })
  const arrived = /at:(?<time>\d+);/.exec(text)?.groups?.['time']
  const retryAfter = /\r\nretry-after: (?<seconds>\d+)\r\n/i.exec(text)?.groups?.['seconds']
  const code = /"code": ?"(?<code>\w+)"/.exec(text)?.groups?.['code']
  return {
    askedAt,
    endedAt: Date.now(),
    status: Number(text.slice(9, 12)),
    isWhole: text.includes('[DONE]'),
    ...(arrived === undefined ? {} : { arrivedAt: Number(arrived) }),
    ...(code === undefined ? {} : { code }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

/** So many calls a second, for so many milliseconds; does not wait for their ends. */
export async function send(
  port: number,
  { perSecond, forMs }: { readonly perSecond: number; readonly forMs: number },
): Promise<readonly Promise<Call>[]> {
  const start = performance.now()
  const calls: Promise<Call>[] = []
  const all = Math.floor((perSecond * forMs) / 1000)
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000)
      while (calls.length < Math.min(due, all)) calls.push(ask(port))
      if (performance.now() - start < forMs) return
      clearInterval(timer)
      resolve()
    }, 5)
  })
  return calls
}
