// The line between two processes: questions, answers, failures and news, in order and together.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { News } from './asks.ts'
import { Answerers, Line, type Word } from './line.ts'

/** Two ends, each with what it is sent and hears; what is sent has been copied, as between processes. */
function linked(answers: Answerers): {
  readonly asking: Line
  readonly sent: (readonly Word[])[]
  readonly heard: News[]
} {
  const sent: (readonly Word[])[] = []
  const heard: News[] = []
  const answering: Line = new Line({
    send: (words) => asking.receive(structuredClone(words)),
    answerers: answers,
    hear: (news) => heard.push(news),
  })
  const asking: Line = new Line({
    send: (words) => {
      sent.push(words)
      answering.receive(structuredClone(words))
    },
    answerers: new Answerers(),
    hear: () => undefined,
  })
  return { asking, sent, heard }
}

describe('a line', () => {
  it('sends what is said in one turn in one message, in order', async () => {
    const answers = new Answerers().on('entry-get', (key) => `text of ${key}`)
    const { asking, sent, heard } = linked(answers)
    asking.tell({ type: 'here' })
    const texts = await Promise.all([asking.ask('entry-get', 'a'), asking.ask('entry-get', 'b')])
    expect(texts).toEqual(['text of a', 'text of b'])
    expect(heard).toEqual([{ type: 'here' }])
    expect(sent).toHaveLength(1)
  })

  it('brings failures back with their kind, code and message', async () => {
    const answers = new Answerers()
      .on('entry-get', async () => {
        throw new GatewayError('conflict', 'Not now.', { code: 'later' })
      })
      .on('entry-remove', () => {
        throw new TypeError('a defect')
      })
    const { asking } = linked(answers)
    const failed = { kind: 'conflict', message: 'Not now.', code: 'later' }
    await expect(asking.ask('entry-get', 'a')).rejects.toMatchObject(failed)
    await expect(asking.ask('entry-remove', 'a')).rejects.toMatchObject({ kind: 'internal' })
    await expect(asking.ask('counts', undefined)).rejects.toMatchObject({ kind: 'internal' })
  })

  it('fails what waits, and what is asked later, once the other side has gone', async () => {
    const answers = new Answerers().on('entry-get', () => new Promise<string>(() => undefined))
    const { asking } = linked(answers)
    const waiting = asking.ask('entry-get', 'a')
    asking.end()
    await expect(waiting).rejects.toMatchObject({ code: 'worker_gone' })
    await expect(asking.ask('entry-get', 'b')).rejects.toMatchObject({ code: 'worker_gone' })
  })
})
