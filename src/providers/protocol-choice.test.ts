// Which protocol a request goes out in, given what each would lose.
import { describe, expect, it } from 'vitest'
import type { Note, NoteWeight } from '../canonical/note.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { Protocol } from './catalog-row.ts'
import { toChatRequest } from './chat-message.ts'
import type { Passage } from './passage.ts'
import type { PreparedCall } from './prepared-call.ts'
import { chooseProtocol, compareProtocols, orderedProtocols } from './protocol-choice.ts'

const CHAT: Protocol = {
  dialect: openaiChat,
  families: [{ pattern: /-pro$/, served: false }],
}
const RESPONSES: Protocol = {
  dialect: openaiResponses,
  families: [
    { pattern: /^thinker/, preferred: true },
    { pattern: /audio/, served: false },
  ],
}
const MESSAGES: Protocol = { dialect: anthropicMessages }
const ALL = [CHAT, RESPONSES, MESSAGES]

function note(weight: NoteWeight, action: Note['action'] = 'dropped'): Note {
  return { action, feature: 'f', path: 'p', weight, reason: 'r' }
}

const PASSAGE: Passage = {
  lane: 'bytes',
  text: '{}',
  body: () => '{}',
  unasked: () => false,
}

function call(protocol: Protocol, notes: readonly Note[] = [], passage?: Passage): PreparedCall {
  return {
    protocol,
    request: toChatRequest([], 'm'),
    profile: { provider: 'p', flags: {} },
    notes,
    wire: { method: 'POST', path: '/', headers: {} },
    passage,
  }
}

/** Prepares by a table of notes, and tells what was prepared. */
function preparing(table: ReadonlyMap<Protocol, readonly Note[]>): {
  readonly prepare: (protocol: Protocol) => PreparedCall
  readonly prepared: Protocol[]
} {
  const prepared: Protocol[] = []
  const prepare = (protocol: Protocol): PreparedCall => {
    prepared.push(protocol)
    return call(protocol, table.get(protocol))
  }
  return { prepare, prepared }
}

function order(model: string, dialect?: string): readonly string[] {
  return orderedProtocols(ALL, { model, dialect }).map((one) => one.dialect.id)
}

describe('the order of trying', () => {
  it('is as declared', () => {
    expect(order('m')).toEqual(['openai-chat', 'openai-responses', 'anthropic-messages'])
  })

  it("begins with the client's own", () => {
    expect(order('m', 'anthropic-messages')[0]).toBe('anthropic-messages')
    expect(order('thinker', 'openai-chat')).toEqual([
      'openai-chat',
      'openai-responses',
      'anthropic-messages',
    ])
  })

  it('puts what the model is better asked in before the rest', () => {
    expect(order('thinker-1', 'gemini')[0]).toBe('openai-responses')
  })

  it('leaves out what does not serve the model', () => {
    expect(order('big-pro', 'openai-chat')).toEqual(['openai-responses', 'anthropic-messages'])
    expect(order('gpt-audio')).toEqual(['openai-chat', 'anthropic-messages'])
  })

  it('is everything where nothing is known to serve the model', () => {
    const neither = [CHAT, { ...RESPONSES, families: CHAT.families ?? [] }]
    expect(orderedProtocols(neither, { model: 'x-pro', dialect: undefined })).toEqual(neither)
  })
})

describe('chooseProtocol', () => {
  it('prepares no second one where the first loses nothing', () => {
    const { prepare, prepared } = preparing(new Map())
    expect(chooseProtocol(ALL, prepare)).toMatchObject({
      chosen: { protocol: CHAT },
      reason: 'preferred',
    })
    expect(prepared).toEqual([CHAT])
  })

  it('prepares once where there is one', () => {
    const { prepare, prepared } = preparing(new Map([[CHAT, [note(3)]]]))
    expect(chooseProtocol([CHAT], prepare)).toMatchObject({ reason: 'only' })
    expect(prepared).toEqual([CHAT])
  })

  it("takes the one through which the client's own text passes, and looks no further", () => {
    const prepared: Protocol[] = []
    const choice = chooseProtocol(ALL, (protocol) => {
      prepared.push(protocol)
      return call(protocol, [note(1)], PASSAGE)
    })
    expect(choice).toMatchObject({ chosen: { protocol: CHAT }, reason: 'untouched' })
    expect(prepared).toEqual([CHAT])
  })

  it('takes the one that loses least', () => {
    const { prepare } = preparing(
      new Map([
        [CHAT, [note(3)]],
        [RESPONSES, [note(2), note(2), note(1)]],
        [MESSAGES, [note(2), note(2)]],
      ]),
    )
    const choice = chooseProtocol(ALL, prepare)
    expect(choice).toMatchObject({ chosen: { protocol: MESSAGES }, reason: 'least-loss' })
    expect(choice.considered).toHaveLength(3)
  })

  it('lets no number of small losses outweigh a great one', () => {
    const small = Array.from({ length: 50 }, () => note(2))
    const { prepare } = preparing(
      new Map([
        [CHAT, [note(3)]],
        [RESPONSES, small],
        [MESSAGES, [note(4)]],
      ]),
    )
    expect(chooseProtocol(ALL, prepare).chosen.protocol).toBe(RESPONSES)
  })

  it('takes the first of equals', () => {
    const { prepare } = preparing(new Map(ALL.map((one) => [one, [note(2)]])))
    expect(chooseProtocol(ALL, prepare)).toMatchObject({
      chosen: { protocol: CHAT },
      reason: 'preferred',
    })
  })

  it('counts neither what is cosmetic nor what was made up', () => {
    const { prepare, prepared } = preparing(new Map([[CHAT, [note(0), note(3, 'synthesized')]]]))
    expect(chooseProtocol(ALL, prepare).chosen.protocol).toBe(CHAT)
    expect(prepared).toEqual([CHAT])
  })
})

describe('compareProtocols', () => {
  it('chooses as chooseProtocol does, and shows all', () => {
    const { prepare, prepared } = preparing(new Map([[RESPONSES, [note(1)]]]))
    const choice = compareProtocols(ALL, prepare)
    expect(choice.chosen.protocol).toBe(CHAT)
    expect(choice.considered.map((one) => one.protocol)).toEqual(ALL)
    expect(prepared).toEqual(ALL)
  })
})
