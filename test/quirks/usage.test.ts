// The chunk with counts comes to those who ask for it, and the upstream is always asked (clients README §6.6).
import { describe, expect, it } from 'vitest'
import { IDS } from '../bugs/protocols.ts'
import { isObject } from '../../src/wire/json.ts'
import { datas, dig, useSwitchboard } from '../bugs/switchboard.ts'
import { PING } from './ask.ts'

const board = useSwitchboard()

describe.each(IDS)('a chat stream from an upstream of %s', (to) => {
  const ask = (more: object) =>
    board.ask({ from: 'openai-chat', to, body: { ...PING['openai-chat'], ...more }, stream: true })

  it('ends in a chunk of counts without choices for a client that asks', async () => {
    const told = await ask({ stream_options: { include_usage: true } })
    const last = datas(told).at(-1)
    expect(dig(last, 'choices')).toEqual([])
    expect(dig(last, 'usage.total_tokens')).toBe(10)
  })

  it.each([{}, { stream_options: { include_usage: false } }, { stream_options: {} }])(
    'has none for a client that says %j',
    async (more) => {
      const told = await ask(more)
      expect(datas(told).map((one) => dig(one, 'choices'))).not.toContainEqual([])
      expect(datas(told).filter((one) => isObject(dig(one, 'usage')))).toEqual([])
      if (to === 'openai-chat') expect(dig(told.sent[0], 'stream_options.include_usage')).toBe(true)
    },
  )
})
