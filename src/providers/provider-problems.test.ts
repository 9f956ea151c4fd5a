// The check that authors of providers run: silent where all is well, one line for each thing that is not.
import { describe, expect, it } from 'vitest'
import { echo } from '../../test/echo-provider.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import { providerProblems } from './provider-problems.ts'
import { ScriptedProvider } from './scripted-provider.ts'

const START: ChatEvent = { type: 'response-start', origin: { dialect: 'library' } }
const STOP: ChatEvent = { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } }
const END: ChatEvent = { type: 'response-end' }
const TEXT: Part = { type: 'text', text: '' }
const OPEN: ChatEvent = { type: 'part-start', index: 0, candidate: 0, part: TEXT }
const GROW: ChatEvent = { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'hi' } }
const CLOSE: ChatEvent = { type: 'part-end', index: 0 }

class Streaming extends ScriptedProvider {
  readonly events: readonly ChatEvent[]

  constructor(events: readonly ChatEvent[]) {
    super()
    this.events = events
  }

  override async *stream(): AsyncIterable<ChatEvent> {
    yield* this.events
  }
}

describe('providerProblems', () => {
  it('finds none in a provider with only the three methods', async () => {
    const bird = echo('bird')
    expect(await providerProblems(bird)).toEqual([])
    expect(bird.closed).toBe(2)
  })

  it('asks what it is told to ask', async () => {
    const scripted = new ScriptedProvider()
    expect(await providerProblems(scripted, { message: 'Hm?', model: 'm' })).toEqual([])
    expect(scripted.calls).toMatchObject([
      { model: 'm', messages: [{ content: 'Hm?' }] },
      { model: 'm', messages: [{ content: 'Hm?' }] },
    ])
  })

  it('tells of models that are missing or named twice', async () => {
    expect(await providerProblems(new ScriptedProvider({ models: [], defaultModel: 'm' }))).toEqual(
      ['listModels lists none, so that every call must name a model'],
    )
    expect(await providerProblems(new ScriptedProvider({ models: ['a', 'a'] }))).toEqual([
      'listModels names a model twice',
    ])
  })

  it('tells of bad health, of empty answers and of what a method threw', async () => {
    class Ill extends ScriptedProvider {
      override async healthCheck(): Promise<boolean> {
        return false
      }

      override async close(): Promise<void> {
        throw new Error('stuck')
      }
    }
    expect(await providerProblems(new Ill({ replies: ['', new Error('tired')] }))).toEqual([
      'healthCheck says that it is not healthy',
      'chat answered with nothing',
      'stream failed: Patchbay failed while handling this request. (tired)',
      'close failed: Patchbay failed while handling this request. (stuck)',
    ])
  })

  it('accepts a stream that keeps to the grammar', async () => {
    const events = [START, OPEN, GROW, CLOSE, STOP, END]
    expect(await providerProblems(new Streaming(events))).toEqual([])
  })

  it.each<readonly [string, readonly ChatEvent[]]>([
    ['does not begin with response-start', [OPEN, GROW, CLOSE, STOP, END]],
    ['does not end with response-end', [START, OPEN, GROW, CLOSE, STOP]],
    ['has no candidate-end', [START, OPEN, GROW, CLOSE, END]],
    ['has a part-delta of part 0, which is not open', [START, GROW, STOP, END]],
    ['has a part-end of part 0, which is not open', [START, OPEN, CLOSE, CLOSE, STOP, END]],
    ['never ends part 0', [START, OPEN, GROW, STOP, END]],
  ])('tells that a stream %s', async (problem, events) => {
    expect(await providerProblems(new Streaming(events))).toEqual([`stream ${problem}`])
  })

  it('tells of a stream that ended in an error', async () => {
    const broken = new Streaming([])
    expect(await providerProblems(broken)).toEqual([
      'stream failed: The provider ended its stream without an answer.',
    ])
  })
})
