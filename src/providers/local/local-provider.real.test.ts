// The embedded model itself: real tokens from a real process.
import { fork } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import { realModel } from '../../../test/real/real-model.ts'
import { ObjectReader, tryParseJson } from '../../wire/json.ts'
import { LocalProvider } from './local-provider.ts'

const { value: real, reason } = await realModel()

function ask(content: string): readonly { readonly role: 'user'; readonly content: string }[] {
  return [{ role: 'user', content }]
}

describe.skipIf(real === undefined)(`the embedded model (${reason ?? 'present'})`, () => {
  const config = { providerType: 'local', name: 'local' }
  const provider = new LocalProvider(config, { dataDir: real?.dataDir ?? '' })
  afterAll(async () => provider.close())

  it('answers', async () => {
    const options = { maxTokens: 40, systemPrompt: 'You are a helpful assistant.', temperature: 0 }
    const answer = await provider.chat(
      ask('What is the capital of France?'),
      'smollm2-135m',
      options,
    )
    expect(answer.content).toContain('Paris')
    expect(answer.finishReason).toBe('stop')
    expect(answer.usage?.input?.total).toBeGreaterThan(15)
    expect(answer.usage?.output?.total).toBeGreaterThan(3)
  })

  it('streams the text that it also gives whole', async () => {
    const options = { maxTokens: 20, temperature: 0 }
    let text = ''
    let deltas = 0
    for await (const event of provider.stream(ask('Say hello.'), undefined, options)) {
      if (event.type !== 'part-delta' || event.delta.kind !== 'text') continue
      text += event.delta.text
      deltas += 1
    }
    expect(deltas).toBeGreaterThan(2)
    expect(text).toBe((await provider.chat(ask('Say hello.'), undefined, options)).content)
  })

  it('says the same again with the same seed', async () => {
    const options = { maxTokens: 12, temperature: 1.2, seed: 42 }
    const first = await provider.chat(ask('Tell me a story.'), undefined, options)
    const second = await provider.chat(ask('Tell me a story.'), undefined, options)
    expect(second.content).toBe(first.content)
  })

  it('stops at the limit', async () => {
    const answer = await provider.chat(ask('Write a long story.'), undefined, { maxTokens: 5 })
    expect(answer.finishReason).toBe('length')
    expect(answer.usage?.output?.total).toBe(5)
  })

  it('stops before a stop string and names it', async () => {
    const options = { maxTokens: 80, stop: ['e'], temperature: 0 }
    const answer = await provider.chat(ask('Write a long story.'), undefined, options)
    expect(answer.finishReason).toBe('stop-sequence')
    expect(answer.content).not.toContain('e')
    expect(answer.raw?.candidates[0]?.finish?.stopSequence).toBe('e')
  })

  it('goes on with a turn of its own', async () => {
    const messages = [
      ...ask('Name the capital of France.'),
      { role: 'assistant', content: 'The capital of France is' } as const,
    ]
    const answer = await provider.chat(messages, undefined, { maxTokens: 4, temperature: 0 })
    expect(answer.content).toMatch(/^ ?Paris/)
  })

  it('keeps to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 20 },
        size: { enum: ['small', 'large'] },
      },
      required: ['name', 'size'],
    }
    const answer = await provider.chat(ask('Describe an elephant.'), undefined, {
      responseFormat: { type: 'json-schema', schema },
    })
    const value = ObjectReader.of(tryParseJson(answer.content), 'answer')
    expect(Object.keys(value.source)).toEqual(['name', 'size'])
    expect(['small', 'large']).toContain(value.string('size'))
    expect(answer.finishReason).toBe('stop')
  })

  it('calls a tool that it must call', async () => {
    const parameters = {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 30 } },
      required: ['city'],
    }
    const answer = await provider.chat(ask('What is the weather in Berlin?'), undefined, {
      tools: [{ kind: 'function', name: 'get_weather', parameters }],
      toolChoice: { mode: 'required', only: ['get_weather'] },
    })
    expect(answer.finishReason).toBe('tool-calls')
    expect(answer.toolCalls).toMatchObject([
      { name: 'get_weather', json: { city: expect.stringContaining('Berlin') } },
    ])
  })

  it('refuses a conversation that is too long', async () => {
    await expect(provider.chat(ask('word '.repeat(9000)))).rejects.toMatchObject({
      kind: 'context_length',
    })
  })

  it('answers two calls side by side', async () => {
    const order: string[] = []
    const read = async (name: string): Promise<void> => {
      for await (const event of provider.stream(ask(`Write about ${name}.`), undefined, {
        maxTokens: 30,
      })) {
        if (event.type === 'part-delta') order.push(name)
      }
    }
    await Promise.all([read('cats'), read('dogs')])
    expect(order.indexOf('dogs')).toBeLessThan(order.lastIndexOf('cats'))
    expect(order.indexOf('cats')).toBeLessThan(order.lastIndexOf('dogs'))
  })

  it('stops when the reader leaves, and its place is free again', async () => {
    const left = new LocalProvider(
      { ...config, settings: { parallel: 1, contextTokens: 2048 } },
      { dataDir: real?.dataDir ?? '' },
    )
    let seen: ChatEvent | undefined
    for await (const event of left.stream(ask('Write a very long story.'), undefined, {
      maxTokens: 1900,
    })) {
      seen = event
      if (event.type === 'part-delta') break
    }
    expect(seen?.type).toBe('part-delta')
    const next = await left.chat(ask('Say hello.'), undefined, { maxTokens: 3 })
    expect(next.usage?.output?.total).toBeGreaterThan(0)
    await left.close()
  })

  it('rejects a call that is cancelled', async () => {
    const leave = new AbortController()
    const options = { maxTokens: 2000, signal: leave.signal }
    const answer = provider.chat(ask('Write a very long story.'), undefined, options)
    leave.abort()
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' })
  })

  it('tells of a crash and works again with the next call', async () => {
    const events = provider.stream(ask('Write a very long story.'), undefined, { maxTokens: 500 })
    const reading = (async (): Promise<void> => {
      for await (const event of events) {
        const [pid] = provider.processIds
        if (event.type === 'part-delta' && pid !== undefined) process.kill(pid, 'SIGKILL')
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'local_worker_exited' })
    const answer = await provider.chat(ask('Say hello.'), undefined, { maxTokens: 3 })
    expect(answer.usage?.output?.total).toBeGreaterThan(0)
  })

  it('leaves the event loop free while it works', async () => {
    const events = provider.stream(ask('Write a story.'), undefined, { maxTokens: 60 })
    let turns = 0
    let ended = false
    const spin = (): void => {
      turns += 1
      if (!ended) setImmediate(spin)
    }
    setImmediate(spin)
    let tokens = 0
    for await (const event of events) if (event.type === 'part-delta') tokens += 1
    ended = true
    expect(turns).toBeGreaterThan(tokens * 10)
  })

  it('ends its process when the parent is killed', async () => {
    const script = `
      import { LocalProvider } from ${JSON.stringify(new URL('local-provider.ts', import.meta.url).href)}
      const provider = new LocalProvider(${JSON.stringify(config)}, { dataDir: ${JSON.stringify(real?.dataDir)} })
      for await (const event of provider.stream([{ role: 'user', content: 'Write a long story.' }])) {
        if (event.type === 'part-delta') process.send(provider.processIds[0])
      }`
    const parent = fork('-', [], {
      execArgv: ['--input-type=module', '--eval', script],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const pid = await new Promise<number>((resolve) => {
      parent.once('message', (message) => resolve(Number(message)))
    })
    parent.kill('SIGKILL')
    await gone(pid)
  })
})

/** Looks until the process is no more; the test's own time limit ends it. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
