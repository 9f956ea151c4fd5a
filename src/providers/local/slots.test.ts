// Slots: a bounded number at a time and in line, first come first served.
import { describe, expect, it } from 'vitest'
import { Slots } from './slots.ts'

const never = new AbortController().signal

async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

describe('Slots', () => {
  it('serves those in line in their order', async () => {
    const slots = new Slots({ slots: 1, queue: 5 })
    const order: number[] = []
    const calls = [1, 2, 3].map(async (name) => {
      const release = await slots.take(never)
      order.push(name)
      release()
    })
    await Promise.all(calls)
    expect(order).toEqual([1, 2, 3])
    expect(slots.idle).toBe(true)
  })

  it('refuses when the line is full, and says what to do', async () => {
    const slots = new Slots({ slots: 1, queue: 1 })
    await slots.take(never)
    void slots.take(never)
    await expect(slots.take(never)).rejects.toMatchObject({
      kind: 'overloaded',
      retryAfterMs: 1000,
      message: expect.stringContaining('settings.queue'),
    })
  })

  it('lets a waiting caller leave the line', async () => {
    const slots = new Slots({ slots: 1, queue: 2 })
    const release = await slots.take(never)
    const leave = new AbortController()
    const leaving = slots.take(leave.signal)
    const staying = slots.take(never)
    leave.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    release()
    await expect(staying).resolves.toBeTypeOf('function')
  })

  it('counts a slot that is given back twice once', async () => {
    const slots = new Slots({ slots: 1, queue: 5 })
    const release = await slots.take(never)
    let entered = 0
    const enter = async (): Promise<void> => {
      await slots.take(never)
      entered += 1
    }
    void enter()
    void enter()
    release()
    release()
    await turn()
    expect(entered).toBe(1)
  })

  it('refuses a caller that has gone already', async () => {
    const slots = new Slots({ slots: 1, queue: 1 })
    await expect(slots.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    expect(slots.idle).toBe(true)
  })
})
