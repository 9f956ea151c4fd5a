// The provider around the worker: events, usage, models, health; with a process that plays its part.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import { type ChatOptions, toChatRequest } from '../chat-message.ts'
import { ProviderManager } from '../../pipeline/library.ts'
import type { ProviderSettings } from '../provider-config.ts'
import { SMOLLM2 } from './artifact.ts'
import { engineEntry } from './folders.ts'
import { LocalProvider } from './local-provider.ts'
import { modelPath } from './pull-model.ts'
import type { StartWorker } from './worker-process.ts'
import type { FromWorker, Job, JobEnd, Order } from './worker/protocol.ts'

const END: JobEnd = {
  reason: 'stop',
  inputTokens: 12,
  cachedTokens: 4,
  outputTokens: 3,
  promptMs: 1.4,
  outputMs: 2.6,
}
const ASK = [{ role: 'user', content: 'Hi' }] as const
let dataDir: string
let jobs: Job[]
let provider: LocalProvider

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'patchbay-local-'))
  jobs = []
})
afterEach(async () => {
  await provider.close()
  await rm(dataDir, { recursive: true })
})

async function fill(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'GGUF')
}

function ignore(_message: FromWorker): void {}

/** A worker that answers every job with the same news. */
function saying(...news: readonly ((id: number) => FromWorker)[]): StartWorker {
  return () => {
    let tell = ignore
    return {
      pid: 1,
      send(message) {
        if (message.type === 'load') {
          queueMicrotask(() => tell({ type: 'loaded' }))
        }
        if (message.type !== 'run') return
        jobs.push(message.job)
        queueMicrotask(() => {
          for (const item of news) tell(item(message.id))
        })
      },
      onMessage(listener) {
        tell = listener
      },
      onExit: () => undefined,
      hold: () => undefined,
      letGo: () => undefined,
      kill: () => undefined,
    }
  }
}

function answering(text: string, end: Partial<JobEnd> = {}): StartWorker {
  return saying(
    (id) => ({ type: 'begun', id }),
    (id) => ({ type: 'text', id, text }),
    (id) => ({ type: 'ended', id, end: { ...END, ...end } }),
  )
}

async function ready(start: StartWorker, settings: ProviderSettings = {}): Promise<LocalProvider> {
  await fill(engineEntry(dataDir))
  await fill(modelPath(dataDir))
  provider = new LocalProvider(
    { providerType: 'local', name: 'local', settings },
    { dataDir, startModel: start, clock: () => 5 },
  )
  return provider
}

async function events(options: ChatOptions = {}): Promise<ChatEvent[]> {
  const seen: ChatEvent[] = []
  for await (const event of provider.stream(ASK, undefined, options)) seen.push(event)
  return seen
}

describe('LocalProvider', () => {
  it('answers with text, real counts and a finish', async () => {
    await ready(answering('Hello'))
    expect(await provider.chat(ASK)).toMatchObject({
      content: 'Hello',
      model: 'smollm2-135m',
      provider: 'local',
      tokensUsed: 15,
      finishReason: 'stop',
      usage: {
        input: { total: 12, cacheRead: 4 },
        output: { total: 3 },
        timing: { promptMs: 1, outputMs: 3 },
      },
    })
  })

  it('streams events in the order of the grammar', async () => {
    await ready(answering('Hello'))
    expect((await events()).map((event) => event.type)).toEqual([
      'response-start',
      'part-start',
      'part-delta',
      'part-end',
      'candidate-end',
      'usage-update',
      'response-end',
    ])
  })

  it('plans the very job that it runs, without a model or an engine on this machine', async () => {
    const signal = new AbortController().signal
    const request = toChatRequest(ASK, 'smollm2-135m', { topK: 7, user: 'ada', stop: ['END'] })
    const target = { provider: 'local', model: 'smollm2-135m' }
    const exchange = {
      operation: 'chat' as const,
      id: 'x',
      request,
      target,
      policy: 'default' as const,
      signal,
    }
    const absent = new LocalProvider({ providerType: 'local', name: 'local' }, { dataDir })
    const { lane, call, notes } = await absent.plan(exchange)
    await absent.close()
    await ready(answering('Hello'))
    const reply = await provider.handle(exchange)
    expect({ lane, call, notes }).toEqual({
      lane: 'translate',
      call: { kind: 'inner', given: jobs[0] },
      notes: reply.notes,
    })
  })

  it('plans nothing for a model that it has not', async () => {
    await ready(answering('Hello'))
    const signal = new AbortController().signal
    const request = toChatRequest(ASK, 'other')
    const target = { provider: 'local', model: 'other' }
    const planned = provider.plan({
      operation: 'chat',
      id: 'x',
      request,
      target,
      policy: 'default',
      signal,
    })
    await expect(planned).rejects.toMatchObject({ code: 'model_not_found' })
  })

  it('says which stop string ended the answer', async () => {
    await ready(answering('one', { reason: 'stop-sequence', stopSequence: 'END' }))
    const end = (await events({ stop: ['END'] })).find((event) => event.type === 'candidate-end')
    expect(end).toMatchObject({ finish: { reason: 'stop-sequence', stopSequence: 'END' } })
    expect(jobs[0]?.stop).toEqual(['END'])
  })

  it('makes a tool call of a forced answer', async () => {
    await ready(answering('{"city":"Berlin"}'))
    const tools = [{ kind: 'function', name: 'get_weather' }] as const
    const answer = await provider.chat(ASK, undefined, { tools, toolChoice: { mode: 'required' } })
    expect(answer.finishReason).toBe('tool-calls')
    expect(answer.toolCalls).toMatchObject([{ name: 'get_weather', json: { city: 'Berlin' } }])
  })

  it('keeps the finish "length" of a tool call that was cut', async () => {
    await ready(answering('{"city":', { reason: 'length' }))
    const tools = [{ kind: 'function', name: 'get_weather' }] as const
    const answer = await provider.chat(ASK, undefined, { tools, toolChoice: { mode: 'required' } })
    expect(answer.finishReason).toBe('length')
  })

  it('rejects with what the worker refused, before any event', async () => {
    await ready(
      saying((id) => ({ type: 'refused', id, kind: 'context_length', message: 'too long' })),
    )
    await expect(events()).rejects.toMatchObject({
      kind: 'context_length',
      code: 'context_length_exceeded',
      origin: 'client',
    })
  })

  it('lists its own model first, then the files beside it', async () => {
    await ready(answering(''))
    await fill(join(dataDir, 'models', 'other.gguf'))
    await fill(join(dataDir, 'models', 'notes.txt'))
    expect(await provider.listModels()).toEqual(['smollm2-135m', 'other'])
    expect(await provider.describeModels()).toMatchObject([
      { id: 'smollm2-135m', sizeBytes: SMOLLM2.sizeBytes, parameterSize: '135M' },
      { id: 'other', sizeBytes: 4 },
    ])
  })

  it("takes the user's own file as its default model", async () => {
    const own = join(dataDir, 'mine.gguf')
    await fill(own)
    await ready(answering('Hello'), { modelPath: own })
    expect((await provider.chat(ASK)).model).toBe('mine')
  })

  it('names the models it has when asked for another', async () => {
    await ready(answering(''))
    await expect(provider.chat(ASK, 'nope')).rejects.toMatchObject({
      kind: 'not_found',
      code: 'model_not_found',
      message: expect.stringMatching(/"[^"]*\/nope".*smollm2-135m/),
    })
  })

  it('refuses a request without a message rather than making something up', async () => {
    await ready(answering('anything'))
    await expect(provider.chat([])).rejects.toMatchObject({
      kind: 'invalid_request',
      param: 'messages',
    })
  })

  it('is local, so that callers without a key may use it', async () => {
    expect((await ready(answering(''))).locality).toBe('local')
  })

  it('takes no calls after it has been closed', async () => {
    await ready(answering('Hello'))
    await provider.close()
    await expect(provider.chat(ASK)).rejects.toThrow(/closed/)
  })
})

describe('its health', () => {
  it('is good when all is there, without a process', async () => {
    await ready(answering(''))
    const report = await provider.checkHealth()
    expect(report).toEqual({ healthy: true, latencyMs: 0, checkedAtMs: 5 })
    expect(provider.processIds).toEqual([])
  })

  it('is good when the rest may be fetched, and says what that is', async () => {
    provider = new LocalProvider({ providerType: 'local', name: 'local' }, { dataDir })
    expect(await provider.checkHealth()).toMatchObject({
      healthy: true,
      reason: expect.stringContaining('patchbay models pull'),
    })
  })

  it('is bad when something is missing and nothing may be fetched', async () => {
    const settings = { fetch: false }
    provider = new LocalProvider({ providerType: 'local', name: 'local', settings }, { dataDir })
    expect(await provider.healthCheck()).toBe(false)
    await expect(provider.chat(ASK)).rejects.toThrow(/patchbay models pull/)
  })

  it("is bad when the user's own file is not there", async () => {
    const settings = { modelPath: join(dataDir, 'gone.gguf') }
    provider = new LocalProvider({ providerType: 'local', name: 'local', settings }, { dataDir })
    expect(await provider.checkHealth()).toMatchObject({
      healthy: false,
      reason: expect.stringContaining('gone.gguf'),
    })
    await expect(provider.chat(ASK)).rejects.toThrow(/gone\.gguf/)
  })
})

function managed(one: LocalProvider): ProviderManager {
  const manager = new ProviderManager()
  manager.registerProvider(one)
  return manager
}

describe('the embedded model, besides chats', () => {
  /** Answers orders of one type with what is given. */
  function obeying(type: Order['type'], answer: (id: number) => FromWorker): StartWorker {
    return () => {
      let tell = ignore
      return {
        pid: 1,
        send(message) {
          if (message.type === 'load') queueMicrotask(() => tell({ type: 'loaded' }))
          if (message.type === 'load' || message.type !== type) return
          orders.push(message)
          queueMicrotask(() => tell(answer(message.id)))
        },
        onMessage(listener) {
          tell = listener
        },
        onExit: () => undefined,
        hold: () => undefined,
        letGo: () => undefined,
        kill: () => undefined,
      }
    }
  }
  let orders: unknown[] = []
  beforeEach(() => {
    orders = []
  })

  const vectors = [[1, 0]]
  const embedded = (id: number): FromWorker => ({ type: 'embedded', id, vectors, inputTokens: 5 })

  it('turns texts into vectors, and says what it has read', async () => {
    await ready(obeying('embed', embedded))
    const answer = await provider.embed(['a'], undefined, { truncate: true })
    expect(answer).toMatchObject({ vectors, usage: { input: { total: 5 } }, model: 'smollm2-135m' })
    expect(orders).toMatchObject([{ type: 'embed', texts: ['a'], truncate: true }])
  })

  it('has vectors of one length only', async () => {
    await ready(obeying('embed', embedded))
    await expect(provider.embed(['a'], undefined, { dimensions: 2 })).rejects.toMatchObject({
      param: 'dimensions',
    })
    expect(orders).toEqual([])
  })

  it('refuses what the worker refuses, in its words', async () => {
    const kind = 'context_length'
    await ready(obeying('embed', (id) => ({ type: 'refused', id, kind, message: 'too long' })))
    await expect(provider.embed(['a'])).rejects.toMatchObject({
      kind,
      code: 'context_length_exceeded',
      message: 'too long',
    })
  })

  it('counts exactly, by the same prompt that a chat would read', async () => {
    await ready(obeying('count', (id) => ({ type: 'counted', id, tokens: 17 })))
    expect(await managed(provider).countTokens('Hi', { systemPrompt: 'Be kind.' })).toEqual({
      inputTokens: 17,
      exact: true,
    })
    expect(orders).toMatchObject([
      {
        type: 'count',
        job: {
          turns: [
            { role: 'system', text: 'Be kind.' },
            { role: 'user', text: 'Hi' },
          ],
        },
      },
    ])
  })

  it('guesses rather than fetching a model for a count', async () => {
    provider = new LocalProvider({ providerType: 'local', name: 'local' }, { dataDir })
    expect(await managed(provider).countTokens('Hi')).toMatchObject({ exact: false })
  })

  it('is among the running ones once it has been started', async () => {
    await ready(obeying('embed', embedded))
    expect(await provider.runningModels()).toEqual([])
    await provider.embed(['a'])
    expect(await provider.runningModels()).toMatchObject([{ id: 'smollm2-135m' }])
  })

  it('has a second model for embeddings where one is set', async () => {
    const embeddingModelPath = join(dataDir, 'own', 'minilm.gguf')
    await fill(embeddingModelPath)
    await ready(obeying('embed', embedded), { embeddingModelPath })
    expect(await provider.describeModels()).toMatchObject([
      { id: 'smollm2-135m', capabilities: ['completion'] },
      { id: 'minilm', capabilities: ['embedding'] },
    ])
    expect(await provider.embed(['a'], 'minilm')).toMatchObject({ model: 'minilm' })
  })
})
