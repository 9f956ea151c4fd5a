// One call against a hand-driven dispatcher: back-pressure, order, and one end only.
import type { Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { Call } from './call.ts'
import { Deadlines } from './deadlines.ts'
import type { TransportResponse } from './transport.ts'

const AHEAD = 16 * 1024
const TIMEOUTS = { connectMs: 1e6, firstByteMs: 1e6, idleMs: 1e6, totalMs: 1e6 }
const deadlines = new Deadlines()

class Controller implements Dispatcher.DispatchController {
  aborted = false
  paused = false
  reason: Error | null = null
  readonly seen: string[] = []

  abort(reason: Error): void {
    this.aborted = true
    this.reason = reason
    this.seen.push('abort')
  }

  pause(): void {
    this.paused = true
    this.seen.push('pause')
  }

  resume(): void {
    this.paused = false
    this.seen.push('resume')
  }
}

function bytes(text: string): Buffer {
  return Buffer.from(text)
}

async function opened(signal = new AbortController().signal): Promise<{
  readonly call: Call
  readonly controller: Controller
  readonly response: TransportResponse
}> {
  const call = new Call({ timeouts: TIMEOUTS, signal, deadlines })
  const controller = new Controller()
  const head = call.start(() => {
    call.onRequestStart(controller)
    call.onResponseStart(controller, 103, {})
    call.onResponseStart(controller, 200, { 'x-one': 'a', 'set-cookie': ['b', 'c'] })
  })
  return { call, controller, response: await head }
}

describe('Call', () => {
  it('passes over informational answers and joins repeated headers', async () => {
    const { call, response } = await opened()
    expect(response.status).toBe(200)
    expect(response.headers).toEqual({ 'x-one': 'a', 'set-cookie': 'b, c' })
    call.onResponseEnd()
  })

  it('pauses the upstream when 16 KiB find no reader, and resumes when one asks for more', async () => {
    const { call, controller } = await opened()
    call.onResponseData(controller, Buffer.alloc(AHEAD - 1))
    expect(controller.paused).toBe(false)
    call.onResponseData(controller, bytes('a'))
    expect(controller.paused).toBe(true)
    expect((await call.next()).value).toHaveLength(AHEAD)
    expect(controller.paused).toBe(true)
    const next = call.next()
    expect(controller.paused).toBe(false)
    call.onResponseData(controller, bytes('b'))
    expect((await next).value).toEqual(bytes('b'))
    expect(controller.seen).toEqual(['pause', 'resume'])
    call.onResponseEnd()
  })

  it('gives at once what one read brought to a reader that waits, and then the end', async () => {
    const { call, controller } = await opened()
    const first = call.next()
    for (const text of ['a', 'b', 'c']) call.onResponseData(controller, bytes(text))
    call.onResponseEnd()
    expect((await first).value).toEqual(bytes('abc'))
    expect((await call.next()).done).toBe(true)
    expect(controller.seen).toEqual(['resume'])
  })

  it('gives a body at once that came with its head', async () => {
    const { call, controller } = await opened()
    call.onResponseData(controller, bytes('a'))
    call.onResponseData(controller, bytes('b'))
    call.onResponseEnd()
    expect(await call.whole(2)).toEqual(bytes('ab'))
    expect(controller.seen).toEqual([])
  })

  it('gathers a body without pausing the upstream again', async () => {
    const { call, controller } = await opened()
    call.onResponseData(controller, Buffer.alloc(AHEAD))
    const whole = call.whole(4 * AHEAD)
    for (let count = 0; count < 3; count += 1) call.onResponseData(controller, Buffer.alloc(AHEAD))
    call.onResponseEnd()
    expect(await whole).toHaveLength(4 * AHEAD)
    expect(controller.seen).toEqual(['pause', 'resume'])
  })

  it.each(['before it is asked for', 'afterwards'])(
    'ends a body that is too long %s',
    async (when) => {
      const { call, controller } = await opened()
      const said = (): void => call.onResponseData(controller, bytes('abc'))
      if (when === 'before it is asked for') said()
      const failure = failureOf(call.whole(2))
      if (when === 'afterwards') said()
      expect(await failure).toMatchObject({ code: 'upstream_too_large' })
      expect(controller.seen.at(-1)).toBe('abort')
      expect(await failureOf(call.whole(2))).toMatchObject({ code: 'upstream_too_large' })
    },
  )

  it('gives no half of a body that broke off', async () => {
    const { call, controller } = await opened()
    call.onResponseData(controller, bytes('a'))
    const failure = failureOf(call.whole(9))
    call.onResponseError(controller, Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    expect(await failure).toMatchObject({ code: 'upstream_truncated' })
    expect(await failureOf(call.whole(9))).toMatchObject({ code: 'upstream_truncated' })
  })

  it('gives what came before a failure, then the failure, each time it is asked', async () => {
    const { call, controller } = await opened()
    call.onResponseData(controller, bytes('a'))
    call.onResponseError(controller, Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    expect((await call.next()).value).toEqual(bytes('a'))
    for (let count = 0; count < 2; count += 1) {
      expect(await failureOf(call.next())).toMatchObject({ code: 'upstream_truncated' })
    }
  })

  it('stays ended when it is cancelled afterwards', async () => {
    const { call, controller, response } = await opened()
    call.onResponseEnd()
    response.cancel()
    response.release()
    await expect(call.next()).resolves.toEqual({ done: true, value: undefined })
    expect(controller.aborted).toBe(false)
  })

  it('aborts once, whoever ends it first', async () => {
    const abort = new AbortController()
    const { call, controller, response } = await opened(abort.signal)
    response.cancel()
    abort.abort()
    await call.return()
    expect(controller.seen).toEqual(['abort'])
  })

  it('throws a released rest away without keeping it, and lets the reader go', async () => {
    const { call, controller, response } = await opened()
    response.release()
    call.onResponseData(controller, bytes('rest'))
    await call.return()
    expect(controller.aborted).toBe(false)
    call.onResponseEnd()
    await expect(call.next()).resolves.toMatchObject({ done: true })
  })

  it('aborts a request that was cancelled before it was sent', async () => {
    const abort = new AbortController()
    const call = new Call({ timeouts: TIMEOUTS, signal: abort.signal, deadlines })
    const controller = new Controller()
    const head = failureOf(call.start(() => abort.abort()))
    expect(await head).toMatchObject({ kind: 'cancelled' })
    call.onRequestStart(controller)
    expect(controller.aborted).toBe(true)
  })
})
