// Every recorded answer of the six protocols, read twice: by our decoders, and by a plain reader written from the fact sheets.
import { describe, expect, it } from 'vitest'
import type { Part } from '../src/canonical/part.ts'
import type { ChatResponse } from '../src/canonical/response.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { collected, decodeFrames, emptyRequest } from '../src/dialects/dialect.contract.ts'
import { dialectById } from '../src/dialects/registry.ts'
import { frameReader } from '../src/wire/framing.ts'
import { isArray } from '../src/wire/json.ts'
import { type CorpusCase, corpusCases } from './corpus.ts'
import { fixturesOf } from './fixtures.ts'
import { messagesHeard } from './second-opinion/anthropic-messages.ts'
import { generateHeard } from './second-opinion/gemini.ts'
import { type Heard, callLine } from './second-opinion/heard.ts'
import { ollamaHeard } from './second-opinion/ollama.ts'
import { chatHeard } from './second-opinion/openai-chat.ts'
import { responsesHeard } from './second-opinion/openai-responses.ts'

interface Recorded {
  readonly folder: string
  readonly dialect: string
  readonly apis: readonly string[]
  readonly hear: (bytes: string) => Heard
}

const PROTOCOLS: readonly Recorded[] = [
  {
    folder: 'openai-chat',
    dialect: 'openai-chat',
    apis: ['chat.completions'],
    hear: chatHeard,
  },
  {
    folder: 'openai-responses',
    dialect: 'openai-responses',
    apis: ['responses'],
    hear: responsesHeard,
  },
  {
    folder: 'anthropic-messages',
    dialect: 'anthropic-messages',
    apis: ['messages'],
    hear: messagesHeard,
  },
  {
    folder: 'gemini',
    dialect: 'gemini',
    apis: ['generateContent', 'streamGenerateContent'],
    hear: generateHeard,
  },
  { folder: 'mistral', dialect: 'mistral-chat', apis: ['chat'], hear: chatHeard },
  { folder: 'ollama', dialect: 'ollama', apis: ['chat', 'generate'], hear: ollamaHeard },
]

function dialectOf(id: string): Dialect {
  const dialect = dialectById(id)
  if (dialect === undefined) throw new Error(`there is no dialect ${id}`)
  return dialect
}

function bytesOf(one: CorpusCase): string {
  return one.stream === undefined ? (one.responseText ?? '') : new TextDecoder().decode(one.stream)
}

function answerOf(one: CorpusCase, dialect: Dialect): ChatResponse {
  const context = {
    request: emptyRequest(dialect.id),
    profile: { provider: 'recorded', flags: {} },
  }
  if (one.stream === undefined && !isArray(one.response)) {
    const wire = { status: 200, headers: one.responseHeaders, body: one.response ?? null }
    return dialect.response.decode(wire, context)
  }
  const reader = frameReader(one.stream === undefined ? 'json-array' : dialect.framing)
  const frames = [...reader.write(new TextEncoder().encode(bytesOf(one))), ...reader.finish()]
  return collected(dialect, decodeFrames(dialect, frames, context))
}

/** What our decoders made of it, in the form of the plain reader. */
function read({ candidates, usage }: ChatResponse): Heard {
  const candidate = candidates.find(({ index }) => index === 0)
  const parts = candidate?.parts ?? []
  return {
    text: wordsOf(parts, 'text'),
    thoughts: wordsOf(parts, 'reasoning'),
    refusal: wordsOf(parts, 'refusal'),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [callLine(part.name, part.arguments.text)] : [],
    ),
    finish: candidate?.finish?.raw,
    input: usage?.input?.total,
    output: usage?.output?.total,
    cached: usage?.input?.cacheRead,
    reasoning: usage?.output?.reasoning,
  }
}

function wordsOf(parts: readonly Part[], type: 'text' | 'reasoning' | 'refusal'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('')
}

/** The project's own, so that a clone without the recordings has a second opinion too. */
function ownAnswers(dialect: string): readonly CorpusCase[] {
  return fixturesOf(dialect).flatMap(({ name, response, stream }) => {
    const known = {
      api: 'own',
      features: [],
      status: 200,
      path: '',
      model: '',
      responseHeaders: {},
    }
    // An answer that breaks off with an error has tests of its own.
    if (name.startsWith('error')) return []
    return [
      ...(response === undefined
        ? []
        : [{ ...known, name: `${name}, whole`, response, responseText: JSON.stringify(response) }]),
      ...(stream === undefined ? [] : [{ name: `${name}, streamed`, ...known, stream }]),
    ]
  })
}

for (const { folder, dialect, apis, hear } of PROTOCOLS) {
  describe(`own answers of ${dialect}`, () => {
    it.for(ownAnswers(dialect))('$name says to us what a plain reader hears', (one) => {
      expect(read(answerOf(one, dialectOf(dialect)))).toEqual(hear(bytesOf(one)))
    })
  })

  const answers = corpusCases(folder).filter(
    ({ api, status }) => status === 200 && apis.includes(api),
  )
  const sound = answers.filter(({ features }) => !features.includes('error_in_stream'))

  describe.skipIf(answers.length === 0)(`recorded answers of ${folder}`, () => {
    it.for(sound)('$name says to us what a plain reader hears', (one) => {
      expect(read(answerOf(one, dialectOf(dialect)))).toEqual(hear(bytesOf(one)))
    })

    it('are enough to mean something', () => {
      expect(sound.length).toBeGreaterThan(8)
    })
  })
}
