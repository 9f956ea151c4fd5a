// The official OpenAI SDK going on from stored responses, with a provider of each protocol behind the gateway, and a real model.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/registry.ts'
import { digestOf } from '../../src/access/digest.ts'
import { type KeyKind, claimedKey, mintId, mintKey } from '../../src/access/key-format.ts'
import { type DialectUpstreams, linesOf, openDialectUpstreams } from '../dialect-upstreams.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { FakeTime } from '../server-fakes.ts'
import { ANSWER, QUESTION, realGateway } from './upstreams.ts'

type Request = OpenAI.Responses.ResponseCreateParamsNonStreaming
type Item = OpenAI.Responses.ResponseInputItem

let upstreams: DialectUpstreams
let open: OpenGateway

beforeAll(async () => {
  upstreams = await openDialectUpstreams()
  open = await openGateway({ providers: upstreams.providers })
})
afterAll(async () => {
  await open.close()
  await upstreams.close()
})

function minted(kind: KeyKind): string {
  return mintKey({ kind, id: mintId(randomBytes) }, randomBytes)
}

/** As the file of keys has it. */
function filed(key: string): object {
  return { ...claimedKey(key), sha256: digestOf(key, undefined).digest, created_at: 'now' }
}

function clientOf(gateway: OpenGateway, apiKey: string): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
}

function client(): OpenAI {
  return clientOf(open, open.clientKey)
}

async function failureOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure instanceof OpenAI.APIError) return failure
  throw new Error('nothing was refused', { cause: failure })
}

/** The items of an answer as a client sends them back; the SDK's types of both differ, and its streams add a key. */
function resent({ output }: { readonly output: readonly object[] }): readonly Item[] {
  const items: readonly Item[] = JSON.parse(
    JSON.stringify(output, (key, value: unknown) => (key === 'parsed' ? undefined : value)),
  )
  return items
}

const TOOLS: Request['tools'] = [
  {
    type: 'function',
    name: 'get_weather',
    description: 'Weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    strict: false,
  },
]

/** What the outputs of the calls of a response are. */
function outputsOf(response: OpenAI.Responses.Response): readonly Item[] {
  return response.output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: '21 degrees' }]
      : [],
  )
}

describe.each(dialects.map(({ id }) => id))('going on with %s behind the gateway', (model) => {
  it('keeps the conversation over turns, tools and streams, as if all of it had been sent', async () => {
    const settings = { model, tools: TOOLS, instructions: 'Be kind.' }
    const first = await client().responses.create({ ...settings, input: 'Is it warm?' })
    expect(first).toMatchObject({ store: true, previous_response_id: null })
    expect(first.id).toMatch(/^resp_/)
    const results = outputsOf(first)
    expect(results.length).toBeGreaterThan(0)

    const second = await client()
      .responses.stream({ ...settings, previous_response_id: first.id, input: [...results] })
      .finalResponse()
    expect(second).toMatchObject({ store: true, previous_response_id: first.id })

    const third: Request = { model, previous_response_id: second.id, input: 'Thanks.' }
    const answer = await client().responses.create(third)
    expect(answer).toMatchObject({ store: true, previous_response_id: second.id })
    const chained = upstreams.lastBody(model)
    const lines = linesOf(upstreams.lastRequest(model))
    expect(lines[0]).toBe('user: Is it warm?')
    expect(lines.at(-1)).toBe('user: Thanks.')
    expect(lines.join('\n')).toMatch(/calls \w+[\s\S]*returns 21 degrees[\s\S]*assistant: /)
    expect(lines.join('\n')).not.toContain('Be kind')

    await client().responses.create({
      model,
      input: [
        { role: 'user', content: 'Is it warm?' },
        ...resent(first),
        ...results,
        ...resent(second),
        { role: 'user', content: 'Thanks.' },
      ],
    })
    expect(chained).toEqual(upstreams.lastBody(model))
  })

  it('goes on twice from the same response', async () => {
    const first = await client().responses.create({ model, input: 'One' })
    for (const input of ['Two', 'Three']) {
      await client().responses.create({ model, previous_response_id: first.id, input })
      expect(linesOf(upstreams.lastRequest(model)).at(-1)).toBe(`user: ${input}`)
      expect(linesOf(upstreams.lastRequest(model))).toHaveLength(3)
    }
  })

  it('gives back what was given, whole or streamed, and forgets it when told to', async () => {
    const given = await client().responses.create({ model, input: 'Hi', metadata: { a: 'b' } })
    const streamed = await Array.fromAsync(
      await client().responses.create({ model, input: 'Hi', stream: true }),
    )
    const final = streamed.at(-1)
    const last = final?.type === 'response.completed' ? final.response : undefined
    const opening = streamed[0]
    expect(opening?.type === 'response.created' && opening.response).toMatchObject({
      id: last?.id,
      store: true,
    })
    expect(await client().responses.retrieve(given.id)).toEqual(given)
    const again = await client().responses.retrieve(last?.id ?? '')
    expect(again).toMatchObject({ ...last, output_text: expect.any(String) })

    await client().responses.delete(given.id)
    const gone = await failureOf(client().responses.retrieve(given.id))
    expect(gone).toBeInstanceOf(OpenAI.NotFoundError)
    expect(gone.message).toContain(`Response with id '${given.id}' not found.`)
    expect(await failureOf(client().responses.delete(given.id))).toBeInstanceOf(
      OpenAI.NotFoundError,
    )
    const lost = await failureOf(
      client().responses.create({ model, previous_response_id: given.id, input: 'And?' }),
    )
    expect(lost).toBeInstanceOf(OpenAI.BadRequestError)
    expect(lost).toMatchObject({
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      type: 'invalid_request_error',
    })
  })

  it('keeps nothing of what is not to be stored', async () => {
    const first = await client().responses.create({ model, input: 'Secret', store: false })
    expect(first).toMatchObject({ store: false })
    expect(await failureOf(client().responses.retrieve(first.id))).toMatchObject({ status: 404 })
    const second = await failureOf(
      client().responses.create({ model, previous_response_id: first.id, input: 'And?' }),
    )
    expect(second).toMatchObject({ status: 400, code: 'previous_response_not_found' })
  })

  it('asks no provider to keep anything', async () => {
    for (const store of [undefined, true]) {
      await client().responses.create({
        model,
        input: 'Hi',
        ...(store === undefined ? {} : { store }),
      })
      const body = JSON.stringify(upstreams.lastBody(model))
      expect(body).not.toContain('"store":true')
      expect(body.includes('"store":false')).toBe(model === 'openai-responses')
    }
  })
})

/** What the fixtures of both have as their own state. */
const CLAUDE_SIGNATURE = 'c2lnLWI='
const OPENAI_STATE = 'gAAAAwhole'

describe('a conversation that changes its provider', () => {
  it("comes back to each with the thinking that is its own, byte for byte, and with nobody else's", async () => {
    const asked = { reasoning: { effort: 'high' } } as const
    let previous: string | undefined
    const order = [
      'anthropic-messages',
      'gemini',
      'openai-responses',
      'ollama',
      'anthropic-messages',
    ]
    for (const [at, model] of [...order, 'gemini', 'openai-responses'].entries()) {
      const answer = await client().responses.create({
        ...asked,
        model,
        input: `Question ${at}`,
        ...(previous === undefined ? {} : { previous_response_id: previous }),
      })
      previous = answer.id
      const body = JSON.stringify(upstreams.lastBody(model))
      const lines = linesOf(upstreams.lastRequest(model))
      expect(lines.filter((line) => line.includes('Question'))).toHaveLength(at + 1)
      const had = (owner: string): boolean => order.slice(0, at).includes(owner)
      expect([at, body.includes(CLAUDE_SIGNATURE)]).toEqual([
        at,
        model === 'anthropic-messages' && had(model),
      ])
      expect([at, body.includes(OPENAI_STATE)]).toEqual([
        at,
        model === 'openai-responses' && had(model),
      ])
    }
  })
})

describe('a client that names items by their ids', () => {
  const model = 'anthropic-messages'

  it('is understood, as the AI SDK expects it', async () => {
    const first = await client().responses.create({ model, tools: TOOLS, input: 'Is it warm?' })
    const references = first.output.flatMap((item) =>
      item.id === undefined || item.id === null
        ? []
        : [{ type: 'item_reference' as const, id: item.id }],
    )
    await client().responses.create({
      model,
      tools: TOOLS,
      input: [{ role: 'user', content: 'Is it warm?' }, ...references, ...outputsOf(first)],
    })
    expect(linesOf(upstreams.lastRequest(model)).join('\n')).toMatch(
      /user: Is it warm\?\nassistant: .*calls get_weather.*\n.*returns 21 degrees/,
    )
  })

  it('is told where an item is not known, and where it is said twice', async () => {
    const unknown = await failureOf(
      client().responses.create({ model, input: [{ type: 'item_reference', id: 'msg_9' }] }),
    )
    expect(unknown).toMatchObject({ status: 404, param: 'input' })
    const first = await client().responses.create({ model, input: 'Hi' })
    const twice = await failureOf(
      client().responses.create({
        model,
        previous_response_id: first.id,
        input: [...resent(first)],
      }),
    )
    expect(twice).toMatchObject({ status: 400, param: 'input' })
    expect(twice.message).toContain('Duplicate item found with id')
  })
})

describe('the items that a response was made from', () => {
  it('are listed page by page, in both orders', async () => {
    const model = 'gemini'
    const first = await client().responses.create({ model, input: 'One' })
    const second = await client().responses.create({
      model,
      previous_response_id: first.id,
      input: [
        { role: 'user', content: 'Two' },
        { role: 'user', content: [{ type: 'input_text', text: 'Three' }] },
      ],
    })
    const listed = (order: 'asc' | 'desc', limit: number): Promise<unknown[]> =>
      Array.fromAsync(client().responses.inputItems.list(second.id, { order, limit }))
    const all = await listed('asc', 100)
    expect(all).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'One' }] },
      { role: 'assistant', id: first.output[0]?.id },
      { role: 'user', content: [{ text: 'Two' }] },
      { role: 'user', content: [{ text: 'Three' }] },
    ])
    for (const limit of [1, 2, 3, 4]) {
      expect(await listed('asc', limit)).toEqual(all)
      expect(await listed('desc', limit)).toEqual(all.toReversed())
    }
    const latest = await client().responses.inputItems.list(second.id, { limit: 1 })
    expect(latest).toMatchObject({ has_more: true, data: [all.at(-1)] })
  })
})

describe('what is refused', () => {
  const model = 'openai-chat'

  it('is to cancel a response, and to take up its stream again', async () => {
    const { id } = await client().responses.create({ model, input: 'Hi' })
    const cancelled = await failureOf(client().responses.cancel(id))
    expect(cancelled).toMatchObject({ status: 400, type: 'invalid_request_error' })
    expect(cancelled.message).toContain('Cannot cancel a synchronous response.')
    expect(await failureOf(client().responses.cancel('resp_9'))).toMatchObject({ status: 404 })
    const streamed = await failureOf(client().responses.retrieve(id, { stream: true }))
    expect(streamed).toMatchObject({ status: 400, param: 'stream' })
  })

  it.each([
    [{ background: true }, 'background', 'stream'],
    [{ conversation: 'conv_1' }, 'conversation', 'previous_response_id'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt', 'Leave it out'],
  ])('is %j, with what to do instead', async (more, param, hint) => {
    const failure = await failureOf(client().responses.create({ model, input: 'Hi', ...more }))
    expect(failure).toMatchObject({ status: 400, param, type: 'invalid_request_error' })
    expect(failure.message).toContain(hint)
  })

  it('are conversations', async () => {
    const ways: readonly (() => Promise<unknown>)[] = [
      async () => client().conversations.create(),
      async () => client().conversations.retrieve('conv_1'),
      async () => client().conversations.delete('conv_1'),
      async () => client().conversations.items.list('conv_1'),
      async () =>
        new OpenAI({
          baseURL: `${open.url}/openai`,
          apiKey: open.clientKey,
        }).conversations.create(),
    ]
    for (const way of ways) {
      const failure = await failureOf(way())
      expect(failure).toMatchObject({ status: 400, type: 'invalid_request_error' })
      expect(failure.message).toContain('previous_response_id')
    }
  })
})

describe('every spelling of the path', () => {
  it.each(['/v1', '', '/v1/v1', '/openai/v1', '/openai', '/openai/v1/v1'])(
    '%s/responses has what was stored at any other',
    async (base) => {
      const { id } = await client().responses.create({ model: 'ollama', input: 'Hi' })
      const there = new OpenAI({ baseURL: open.url + base, apiKey: open.clientKey, maxRetries: 0 })
      expect((await there.responses.retrieve(id)).id).toBe(id)
      expect((await there.responses.inputItems.list(id)).data).toHaveLength(1)
      const next = await there.responses.create({
        model: 'ollama',
        previous_response_id: id,
        input: 'And?',
      })
      await there.responses.delete(next.id)
      expect(await failureOf(there.responses.cancel(next.id))).toMatchObject({ status: 404 })
    },
  )
})

describe('the lane of a stored response', () => {
  it('is that of a passed one, with its own words but for what it says of being stored', async () => {
    const model = 'openai-responses'
    const { data, response } = await client()
      .responses.create({ model, input: 'Hi' })
      .withResponse()
    expect(response.headers.get('x-patchbay-lane')).toBe('patch')
    expect(response.headers.has('x-patchbay-notes')).toBe(false)
    const private_ = await client()
      .responses.create({ model: 'openai-responses/tiny', input: 'Hi', store: false })
      .withResponse()
    const { id: _, ...rest } = data
    expect(private_.data).toEqual({ ...rest, id: expect.any(String), store: false })
    expect(private_.data.id).not.toMatch(/^resp_req_/)
  })
})

describe('two clients', () => {
  it('never see what the other has stored, whatever key they have', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'patchbay-two-clients-'))
    const keys = [minted('client'), minted('client')]
    const admin = minted('admin')
    const tokens = [...keys, admin].map(filed)
    writeFileSync(join(dataDir, 'tokens.json'), JSON.stringify({ version: 1, tokens }))
    const shared = await openGateway({ providers: upstreams.providers, dataDir })
    try {
      const callers = [...keys, 'none'].map((key) => clientOf(shared, key))
      const model = 'ollama'
      for (const owner of callers) {
        const { id, output } = await owner.responses.create({ model, input: 'Mine' })
        const item = output[0]?.id ?? ''
        expect((await owner.responses.retrieve(id)).id).toBe(id)
        for (const other of callers.filter((one) => one !== owner)) {
          const ways: readonly (() => Promise<unknown>)[] = [
            async () => other.responses.retrieve(id),
            async () => other.responses.inputItems.list(id),
            async () => other.responses.delete(id),
            async () => other.responses.cancel(id),
            async () =>
              other.responses.create({ model, input: [{ type: 'item_reference', id: item }] }),
          ]
          for (const way of ways) expect(await failureOf(way())).toMatchObject({ status: 404 })
          const next = other.responses.create({ model, previous_response_id: id, input: 'Yours?' })
          expect(await failureOf(next)).toMatchObject({
            status: 400,
            code: 'previous_response_not_found',
          })
        }
        expect((await owner.responses.retrieve(id)).id).toBe(id)
      }
    } finally {
      await shared.close()
      rmSync(dataDir, { recursive: true })
    }
  })
})

describe('the store', () => {
  const model = 'mistral-chat'
  const usual = { enabled: true, ttl: 100, maxEntries: 100, maxBytes: 100_000 }

  it('forgets in time, counted from when a response was last gone on from', async () => {
    const time = new FakeTime()
    const setup = { now: time.now, after: time.after, config: { responseStore: usual } }
    const timed = await openGateway({ providers: upstreams.providers, ...setup })
    const { responses } = clientOf(timed, timed.clientKey)
    const first = await responses.create({ model, input: 'One' })
    const other = await responses.create({ model, input: 'Other' })
    await time.pass(99_000)
    const second = await responses.create({ model, previous_response_id: first.id, input: 'Two' })
    await time.pass(99_000)
    expect(await failureOf(responses.retrieve(other.id))).toMatchObject({ status: 404 })
    expect((await responses.retrieve(first.id)).id).toBe(first.id)
    await time.pass(1000)
    const late = responses.create({ model, previous_response_id: second.id, input: 'Three' })
    expect(await failureOf(late)).toMatchObject({ code: 'previous_response_not_found' })
    await timed.close()
    expect(time.waiting).toBe(0)
  })

  it('lets the oldest go where there is no more room', async () => {
    const small = { ...usual, maxBytes: 8000 }
    const tight = await openGateway({
      providers: upstreams.providers,
      config: { responseStore: small },
    })
    const { responses } = clientOf(tight, tight.clientKey)
    const input = 'x'.repeat(3000)
    const ids: string[] = []
    for (let at = 0; at < 3; at += 1) ids.push((await responses.create({ model, input })).id)
    expect(await failureOf(responses.retrieve(ids[0] ?? ''))).toMatchObject({ status: 404 })
    expect((await responses.retrieve(ids[2] ?? '')).id).toBe(ids[2])
    await tight.close()
  })

  it('says of what is too large that it is not stored, whole and streamed', async () => {
    const tiny = { ...usual, maxBytes: 100 }
    const tight = await openGateway({
      providers: upstreams.providers,
      config: { responseStore: tiny },
    })
    const { responses } = clientOf(tight, tight.clientKey)
    const { data, response } = await responses.create({ model, input: 'Hi' }).withResponse()
    expect(data).toMatchObject({ store: false })
    expect(response.headers.get('x-patchbay-notes')).toContain('dropped=store')
    expect(await failureOf(responses.retrieve(data.id))).toMatchObject({ status: 404 })
    const final = await responses.stream({ model, input: 'Hi' }).finalResponse()
    expect(final).toMatchObject({ store: false })
    await tight.close()
  })

  it('that is off says so, and refuses to go on from anything', async () => {
    const off = await openGateway({
      providers: upstreams.providers,
      config: { responseStore: { ...usual, enabled: false } },
    })
    const { responses } = clientOf(off, off.clientKey)
    for (const provider of [model, 'openai-responses']) {
      const { data, response } = await responses
        .create({ model: provider, input: 'Hi' })
        .withResponse()
      expect(data).toMatchObject({ store: false })
      expect(response.headers.get('x-patchbay-notes')).toContain('dropped=store')
      const quiet = await responses
        .create({ model: provider, input: 'Hi', store: false })
        .withResponse()
      expect(quiet.response.headers.get('x-patchbay-notes') ?? '').not.toContain('store')
      const next = await failureOf(
        responses.create({ model: provider, previous_response_id: data.id, input: 'And?' }),
      )
      expect(next).toMatchObject({ status: 400, code: 'previous_response_not_found' })
      expect(next.message).toContain('response_store.enabled')
      expect((await failureOf(responses.retrieve(data.id))).message).toContain('response_store')
    }
    await off.close()
  })
})

const real = await realGateway()

describe.skipIf(real.value === undefined)(`with ${real.reason ?? 'the embedded model'}`, () => {
  afterAll(async () => real.value?.close())

  it('a conversation goes on, streamed and whole, and can be looked at', async () => {
    const { responses } = clientOf(real.value ?? open, 'none')
    const settings = { model: 'local', temperature: 0, max_output_tokens: 32 }
    const first = await responses.create({ ...settings, input: QUESTION })
    expect(first.output_text).toMatch(ANSWER)
    const asked = { ...settings, input: 'Say it again.' }
    const second = await responses
      .stream({ ...asked, previous_response_id: first.id })
      .finalResponse()
    const atOnce = await responses.create({
      ...asked,
      store: false,
      input: [
        { role: 'user', content: QUESTION },
        ...resent(first),
        { role: 'user', content: asked.input },
      ],
    })
    expect(second.output_text).toBe(atOnce.output_text)
    expect(second.usage?.input_tokens).toBe(atOnce.usage?.input_tokens)
    const { output } = await responses.retrieve(second.id)
    expect(resent(second)).toMatchObject(output)
    expect((await responses.inputItems.list(second.id, { order: 'asc' })).data).toHaveLength(3)
    await responses.delete(first.id)
    const lost = responses.create({ ...asked, previous_response_id: second.id })
    expect(await failureOf(lost)).toMatchObject({ code: 'previous_response_not_found' })
  })
})
