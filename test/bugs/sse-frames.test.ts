// Streams on their way in: however an upstream cuts and frames them, every word is read.
import { describe, expect, it } from 'vitest'
import { decodeBytes, emptyRequest } from '../../src/dialects/dialect.contract.ts'
import { DONE } from './chunks.ts'
import { IDS, dialectOf } from './protocols.ts'
import { asked, call, said, sse, text, user } from './said.ts'
import { useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const WORDS = 'Zdravo, 世界 🌍! 👩‍👩‍👧 ©'
const PARTS = [text(WORDS), call('callaaaa1', 'f', { city: '京都 🗾' })]

/** The bytes of a stream of the protocol. */
function bytesOf(reply: ReturnType<typeof said>): Uint8Array {
  return new Uint8Array(Buffer.from((reply.chunks ?? []).join(''), 'utf8'))
}

describe.each(IDS)('a stream of %s', (id) => {
  const bytes = bytesOf(said(id, { parts: PARTS }, 'stream'))
  const dialect = dialectOf(id)
  const context = { request: emptyRequest(id), profile: { provider: 'p', flags: {} } }
  const uncut = decodeBytes(dialect, [bytes], context)

  it('says the same wherever it is cut, within a character and byte by byte [PB-019]', () => {
    expect(JSON.stringify(uncut)).toContain(WORDS)
    for (let at = 1; at < bytes.length; at += 1) {
      const halves = [bytes.subarray(0, at), bytes.subarray(at)]
      expect(decodeBytes(dialect, halves, context)).toEqual(uncut)
    }
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    expect(decodeBytes(dialect, single, context)).toEqual(uncut)
  })

  it('is read on behind bytes that are no text [PB-019]', async () => {
    const marker = Buffer.from('世')
    const at = Buffer.from(bytes).indexOf(marker)
    const broken = Buffer.from(bytes)
    broken[at + 1] = 0xff
    const headers = {
      'content-type': said(id, { parts: [] }, 'stream').headers?.['content-type'] ?? '',
    }
    const from = id === 'ollama' ? 'openai-chat' : 'ollama'
    const told = await board.ask({
      from,
      to: id,
      stream: true,
      body: asked(from, { turns: [user(text('go'))] }),
      reply: { headers, chunks: [broken] },
    })
    expect(told.heard.error).toBeUndefined()
    expect(told.heard.candidates[0]?.parts[0]).toMatchObject({
      text: expect.stringMatching(/^Zdravo, \ufffd+界 🌍!/),
    })
  })

  it('has the same events whatever its line breaks, and where its last one is missing [PB-025]', () => {
    const source = Buffer.from(bytes).toString('utf8')
    const breaks = dialect.framing === 'sse' ? ['\r\n', '\r', '\n'] : ['\r\n', '\n']
    for (const one of breaks) {
      const other = new TextEncoder().encode(source.replaceAll('\n', one))
      for (let at = 1; at < other.length; at += 7) {
        const cut = [other.subarray(0, at), other.subarray(at)]
        expect(decodeBytes(dialect, cut, context)).toEqual(uncut)
      }
    }
    const open = new TextEncoder().encode(source.trimEnd())
    expect(decodeBytes(dialect, [open], context)).toEqual(uncut)
  })
})

/** JSON as events whose data stands on several lines. */
function pretty(value: object): string {
  return JSON.stringify(value, null, 1)
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')
}

describe('events of an upstream', () => {
  const first = { id: 'c', choices: [{ index: 0, delta: { content: 'Hel' } }] }
  const second = {
    id: 'c',
    choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: 'stop' }],
  }

  it.each([
    ['on several lines', `${pretty(first)}\n${pretty(second)}\n`],
    [
      'between other fields',
      `id: 1\nretry: 10\n${pretty(first)}id: 1b\n\nevent: message\nid: 2\ndata: ${JSON.stringify(second)}\n\n`,
    ],
    [
      'without a blank line between them',
      `data: ${JSON.stringify(first)}\ndata: ${JSON.stringify(second)}\n\n`,
    ],
  ])('%s are all read [PB-020]', async (_, source) => {
    const body = { messages: [{ role: 'user', content: 'go' }] }
    const reply = sse(source, DONE)
    const from = 'anthropic-messages'
    const told = await board.ask({ from, to: 'openai-chat', stream: true, body, reply })
    expect(told.heard.candidates[0]).toMatchObject({
      parts: [{ text: 'Hello' }],
      finish: { reason: 'stop' },
    })
  })

  it.each(IDS.filter((id) => id !== 'ollama'))(
    'of %s may stand between comments, which no client gets as data [PB-031]',
    async (id) => {
      const { chunks = [], headers = {} } = said(id, { parts: PARTS }, 'stream')
      const reply = {
        headers,
        chunks: [
          ': OPENROUTER PROCESSING\n\n',
          ...chunks.map((one) => `: keepalive\n\n: x\n${String(one)}:\n\n`),
        ],
      }
      for (const from of IDS) {
        const body = asked(from, { turns: [user(text('go'))] })
        const told = await board.ask({ from, to: id, stream: true, body, reply })
        expect(told.heard.candidates[0]?.parts).toMatchObject([
          { text: WORDS },
          { name: 'f', arguments: { json: { city: '京都 🗾' } } },
        ])
        expect(told.text).not.toMatch(/^data: *:/m)
      }
    },
  )
})
