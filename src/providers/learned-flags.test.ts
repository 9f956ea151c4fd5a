// What refusals have told: by protocol and model, and not without end.
import { expect, it } from 'vitest'
import { ollama } from '../dialects/ollama/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { LearnedFlags } from './learned-flags.ts'

const chat = { dialect: openaiChat }
const native = { dialect: ollama }

it('is kept for the model in the protocol, and added up', () => {
  const learned = new LearnedFlags()
  learned.learn(chat, 'a', { one: 1 })
  learned.learn(chat, 'a', { two: 2 })
  expect(learned.of(chat, 'a')).toEqual({ one: 1, two: 2 })
  expect(learned.of(chat, 'b')).toEqual({})
  expect(learned.of(native, 'a')).toEqual({})
})

it('forgets the model that was longest without news', () => {
  const learned = new LearnedFlags()
  for (let at = 0; at < 1000; at += 1) learned.learn(chat, `m${at}`, { at })
  learned.learn(chat, 'm0', { again: true })
  learned.learn(chat, 'new', {})
  expect(learned.of(chat, 'm0')).toEqual({ at: 0, again: true })
  expect(learned.of(chat, 'm1')).toEqual({})
})
