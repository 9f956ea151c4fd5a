// Stored responses as pure words: what a request asks for, what it stands on, how a response tells of itself, how it is served.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import { type Json, type JsonObject, parseJson } from '../../wire/json.ts'
import type { KeptOperation, Recalled } from '../keeping.ts'
import { openaiResponses } from './dialect.ts'
import { keeping } from './keeping.ts'
import { kept, message, response, wire } from './kept.contract.ts'

const NOTHING: Recalled = { conversation: [], holders: new Map() }

function refusalOf(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('nothing was refused')
}

function wholeInput(body: JsonObject, conversation: readonly KeptAnswer[] = []): Json | undefined {
  const { value: whole } = keeping.whole(
    { model: 'm', ...body },
    { conversation, holders: new Map() },
  )
  return openaiResponses.request.decode(wire(whole)).turns.length > 0
    ? parseJson(JSON.stringify(whole))
    : undefined
}

describe('what a request asks', () => {
  it.each<[JsonObject, ReturnType<typeof keeping.recall>]>([
    [{}, { keep: true }],
    [{ store: null, previous_response_id: null }, { keep: true }],
    [{ store: true }, { keep: true }],
    [{ store: false }, { keep: false }],
    [
      { store: false, previous_response_id: 'resp_1' },
      { keep: false, previous: 'resp_1' },
    ],
    [{ background: false, conversation: null }, { keep: true }],
    [{ prompt: { id: 'pmpt_1' }, model: 'm' }, { keep: true }],
  ])('%j', (body, wanted) => {
    expect(keeping.recall(body)).toEqual(wanted)
  })

  it('is nothing where the body is no object: others say what is wrong with it', () => {
    for (const body of [undefined, null, 7, []]) {
      expect(keeping.recall(body)).toEqual({ keep: false })
      expect(keeping.references(body, [])).toEqual([])
    }
  })

  it.each<[JsonObject, string]>([
    [{ background: true }, 'background'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ conversation: { id: 'conv_1' } }, 'conversation'],
    [{ prompt: { id: 'pmpt_1' } }, 'model'],
  ])('is refused where it is %j, with what to do instead', (body, param) => {
    const error = refusalOf(() => keeping.recall(body))
    expect(error).toMatchObject({ status: 400, origin: 'client', param })
    expect(error.message).toMatch(/Leave|Go on|needs|take/)
  })

  it.each([{ store: 'no' }, { previous_response_id: 7 }, { background: 'yes' }])(
    'is refused where it is of the wrong type: %j',
    (body) => {
      expect(() => keeping.recall(body)).toThrow(Object.keys(body)[0])
    },
  )
})

describe('a request with what it stands on', () => {
  it('is as it came where it stands on nothing', () => {
    const body = { model: 'm', input: 'Hi', store: true, previous_response_id: null }
    expect(keeping.whole(body, NOTHING).value).toBe(body)
  })

  it('has all that was said before it, in order, and none of the instructions', () => {
    const call = {
      type: 'function_call',
      id: 'fc_1',
      call_id: 'call_1',
      name: 'f',
      arguments: '{}',
      status: 'completed',
    }
    const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' }
    const first = keeping.toKeep(
      { model: 'm', input: 'One', instructions: 'Be kind.', tools: [], temperature: 0 },
      response('resp_1', [thought, call]),
      { id: 'resp_1', kept: true },
    )
    const result = { type: 'function_call_output', call_id: 'call_1', output: '7' }
    const second = kept('resp_2', [result], {
      output: [message('Seven', 'msg_2')],
      previous: 'resp_1',
    })
    expect(
      keeping.whole(
        { model: 'n', instructions: 'Be brief.', previous_response_id: 'resp_2', input: 'Two' },
        { conversation: [first, second], holders: new Map() },
      ).value,
    ).toEqual({
      model: 'n',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'One' },
        thought,
        call,
        result,
        message('Seven', 'msg_2'),
        { role: 'user', content: 'Two' },
      ],
    })
  })

  it('may add nothing of its own', () => {
    const before = [kept('resp_1', 'One', { output: [message('1', 'msg_1')] })]
    expect(wholeInput({ previous_response_id: 'resp_1' }, before)).toMatchObject({
      input: [{ content: 'One' }, { id: 'msg_1' }],
    })
  })

  it('has what it names by its id, wherever that was said', () => {
    const one = kept('resp_1', [{ role: 'user', content: 'One' }], {
      output: [message('1', 'msg_1')],
    })
    const body = {
      model: 'm',
      input: [
        { type: 'item_reference', id: 'msg_1_in0' },
        { id: 'msg_1' },
        { role: 'user', content: 'Two' },
      ],
    }
    expect(keeping.references(body, [])).toEqual(['msg_1_in0', 'msg_1'])
    expect(one.items).toEqual(['msg_1_in0', 'msg_1'])
    const holders = new Map(one.items.map((item) => [item, one]))
    expect(keeping.whole(body, { conversation: [], holders }).value).toEqual({
      model: 'm',
      input: [
        { role: 'user', content: 'One' },
        message('1', 'msg_1'),
        { role: 'user', content: 'Two' },
      ],
    })
  })

  it('is refused where nobody has what it names', () => {
    const body = { model: 'm', input: [{ type: 'item_reference', id: 'msg_9' }] }
    const error = refusalOf(() => keeping.whole(body, NOTHING))
    expect(error).toMatchObject({ status: 404, param: 'input' })
    expect(error.message).toContain("Item with id 'msg_9' not found.")
  })

  it('is refused where it repeats what was said before it', () => {
    const before = [kept('resp_1', 'One', { output: [message('1', 'msg_1')] })]
    const again = { previous_response_id: 'resp_1', input: [message('1', 'msg_1')] }
    const error = refusalOf(() => wholeInput(again, before))
    expect(error).toMatchObject({ status: 400, param: 'input' })
    expect(error.message).toContain('Duplicate item found with id msg_1')
  })

  it('does not go on from an answer that failed, but does from one that was cut short', () => {
    const failed = [kept('resp_1', 'One', { output: [], answer: { status: 'failed' } })]
    const asked = { previous_response_id: 'resp_1', input: 'Two' }
    expect(refusalOf(() => wholeInput(asked, failed))).toMatchObject({
      status: 400,
      param: 'previous_response_id',
    })
    const cut = [
      kept('resp_1', 'One', { output: [message('1', 'a')], answer: { status: 'incomplete' } }),
    ]
    expect(wholeInput(asked, cut)).toBeDefined()
  })

  it('names nothing by an id that only a provider who keeps it would know', () => {
    const readable = { content: [{ type: 'reasoning_text', text: 'Hm.' }], summary: [] }
    const before = [
      kept('resp_1', 'One', {
        output: [
          { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'S' }] },
          { type: 'reasoning', id: 'rs_2', ...readable },
          { type: 'reasoning', id: 'rs_3', summary: [], encrypted_content: 'sealed' },
          message('1', 'msg_1'),
        ],
      }),
    ]
    const whole = wholeInput({ previous_response_id: 'resp_1', input: 'Two' }, before)
    expect(whole).toMatchObject({
      input: [
        { content: 'One' },
        { type: 'reasoning', ...readable },
        { id: 'rs_3', encrypted_content: 'sealed' },
        { id: 'msg_1' },
        { content: 'Two' },
      ],
    })
    expect(JSON.stringify(whole)).not.toContain('rs_2')
    const { notes } = keeping.whole(
      { model: 'm', previous_response_id: 'resp_1' },
      { conversation: before, holders: new Map() },
    )
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'reasoning', weight: 1 }])
  })

  it('says no id twice, also where a host gives every answer the same', () => {
    const before = [
      kept('resp_1', 'One', { output: [message('1', 'msg_1')] }),
      kept('resp_2', 'Two', { output: [message('2', 'msg_1')], previous: 'resp_1' }),
    ]
    const whole = JSON.stringify(wholeInput({ previous_response_id: 'resp_2' }, before))
    expect(whole.split('msg_1').length - 1).toBe(1)
    expect(whole).toContain('"text":"2"')
  })
})

/** What a provider of this wire is asked. */
function sent(body: JsonObject): Json | undefined {
  const request = keeping.unkept(openaiResponses.request.decode(wire({ model: 'm', ...body })))
  return openaiResponses.request.encode(request, { provider: 'p', flags: {} }).body
}

describe('a request whose answer is kept elsewhere', () => {
  it('tells a provider of this wire to keep nothing, and says nothing of it to others', () => {
    for (const body of [
      { input: 'Hi' },
      { input: 'Hi', store: true },
      { input: 'Hi', store: false },
    ]) {
      expect(sent(body)).toEqual({ model: 'm', input: 'Hi', store: false })
    }
    const request = openaiResponses.request.decode(wire({ model: 'm', input: 'Hi', store: true }))
    expect(keeping.unkept(request).service).toEqual({})
  })

  it('keeps a wish for privacy as the client said it, for every provider', () => {
    const request = openaiResponses.request.decode(wire({ model: 'm', input: 'Hi', store: false }))
    expect(keeping.unkept(request)).toBe(request)
  })
})

describe('a response that tells of itself', () => {
  const mark = { id: 'resp_ours', kept: true, previous: 'resp_0' }

  it('has three keys changed and every other character as it was', () => {
    const text = '{ "n":1e2,\n"id":"resp_theirs" , "store" : false,"previous_response_id":null}'
    expect(keeping.marked(text, mark)).toBe(
      '{ "n":1e2,\n"id":"resp_ours" , "store" : true,"previous_response_id":"resp_0"}',
    )
    expect(keeping.marked(text, { kept: false })).toBe(text)
  })

  it('gets the keys that it lacks, and is printed anew where one stands twice', () => {
    const bare = keeping.marked('{}', mark) ?? ''
    expect(parseJson(bare)).toEqual({
      id: 'resp_ours',
      store: true,
      previous_response_id: 'resp_0',
    })
    const twice = keeping.marked('{"id":"a","id":"b"}', mark) ?? ''
    expect(parseJson(twice)).toMatchObject({ id: 'resp_ours' })
  })

  it.each(['', 'Bad Gateway', '[]', '"resp"'])('is not %j', (text) => {
    expect(keeping.marked(text, mark)).toBeUndefined()
  })

  it('stands in the frames that begin and end a stream, named or not', () => {
    const data = '{"type":"response.created","response":{ "id":"a" },"sequence_number":0}'
    expect(keeping.held({ data })).toEqual({ answer: '{ "id":"a" }', isLast: false })
    expect(keeping.held({ event: 'response.failed', data })).toMatchObject({ isLast: true })
    expect(keeping.holding({ data }, '{"id":"b"}').data).toBe(
      '{"type":"response.created","response":{"id":"b"},"sequence_number":0}',
    )
    expect(keeping.mayHold(data)).toBe(true)
  })

  it('stands in no other frame', () => {
    const delta = JSON.stringify({ type: 'response.output_text.delta', delta: '"response":{}' })
    expect(keeping.mayHold(delta)).toBe(false)
    for (const data of [delta, '[DONE]', '', '{"type":"response.completed"}']) {
      expect(keeping.held({ data })).toBeUndefined()
    }
  })
})

describe('the endpoints', () => {
  const one = kept('resp_1', 'One', { output: [message('1', 'msg_a')] })
  const two = kept(
    'resp_2',
    [
      { role: 'assistant', content: 'So far' },
      { type: 'function_call_output', call_id: 'c', output: '7' },
      { type: 'item_reference', id: 'msg_a' },
    ],
    { output: [message('2', 'msg_b')], previous: 'resp_1' },
  )

  function reply(operation: KeptOperation, query = '', kept = two): Json {
    const look = { kept, before: kept === two ? [one] : [], query: new URLSearchParams(query) }
    return parseJson(keeping.reply(operation, look))
  }

  function ids(query: string): readonly unknown[] {
    const page = reply('inputs', query)
    return typeof page === 'object' && page !== null && 'data' in page && Array.isArray(page.data)
      ? page.data.map((item: JsonObject) => item['id'])
      : []
  }

  it('give the response as the client got it, to the character', () => {
    const look = { kept: two, before: [], query: new URLSearchParams() }
    expect(keeping.reply('retrieve', look)).toBe(two.answer)
    expect(refusalOf(() => reply('retrieve', 'stream=true'))).toMatchObject({ param: 'stream' })
  })

  it('confirm a deletion', () => {
    expect(reply('remove')).toEqual({ id: 'resp_2', object: 'response', deleted: true })
  })

  it('refuse to cancel what has ended', () => {
    const error = refusalOf(() => reply('cancel'))
    expect(error.status).toBe(400)
    expect(error.message).toMatch(/^Cannot cancel a synchronous response\./)
  })

  it('list what a response was made from, whole and with ids', () => {
    expect(reply('inputs', 'order=asc')).toEqual({
      object: 'list',
      data: [
        {
          id: 'msg_1_in0',
          type: 'message',
          status: 'completed',
          role: 'user',
          content: [{ type: 'input_text', text: 'One' }],
        },
        message('1', 'msg_a'),
        {
          id: 'msg_2_in0',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'So far' }],
        },
        { id: 'fco_2_in1', type: 'function_call_output', call_id: 'c', output: '7' },
      ],
      first_id: 'msg_1_in0',
      last_id: 'fco_2_in1',
      has_more: false,
    })
  })

  it('list the latest first, a page at a time', () => {
    const all = ['msg_1_in0', 'msg_a', 'msg_2_in0', 'fco_2_in1']
    expect(ids('')).toEqual(all.toReversed())
    expect(ids('limit=2&order=asc')).toEqual(all.slice(0, 2))
    expect(ids('limit=2&order=asc&after=msg_2_in0')).toEqual(all.slice(3))
    expect(reply('inputs', 'limit=2&order=asc')).toMatchObject({
      has_more: true,
      first_id: 'msg_1_in0',
      last_id: 'msg_a',
    })
    const nothing = kept('resp_3', [], { output: [] })
    expect(reply('inputs', '', nothing)).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    })
  })

  it('list no id twice, so that going from page to page comes to an end', () => {
    const first = kept('resp_1', 'One', { output: [message('1', 'same')] })
    const second = kept('resp_2', 'Two', { output: [message('2', 'same')], previous: 'resp_1' })
    const third = kept('resp_3', [{ type: 'item_reference', id: 'msg_z' }], { output: [] })
    const look = { kept: third, before: [first, second], query: new URLSearchParams('order=asc') }
    expect(parseJson(keeping.reply('inputs', look))).toMatchObject({
      data: [
        { id: 'msg_1_in0' },
        { id: 'same' },
        { id: 'msg_2_in0' },
        { id: 'msg_2_out0', content: [{ text: '2' }] },
        { id: 'msg_z', type: 'item_reference' },
      ],
    })
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=x', 'limit'],
    ['order=up', 'order'],
    ['after=msg_z', 'input'],
  ])('refuse %s', (query, param) => {
    expect(refusalOf(() => reply('inputs', query))).toMatchObject({ param })
  })

  it("say in OpenAI's own words that something is not there", () => {
    expect(keeping.missing('previous', 'resp_9')).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: "Previous response with id 'resp_9' not found.",
    })
    expect(keeping.missing('answer', 'resp_9')).toMatchObject({
      status: 404,
      message: "Response with id 'resp_9' not found.",
    })
  })
})
