// patchbay chat through a running server: one answer, piped text, a conversation, and what goes wrong.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type FakeRest,
  type Reply,
  events,
  failure,
  fakeRest,
  json as reply,
} from '../../../test/fake-rest.ts'
import { FakeTerminal, type Outcome, jsonOf, run, start } from '../../../test/run-patchbay.ts'
import { main } from '../program.ts'

let cwd: string
let server: FakeRest

const WHOLE = {
  response: 'Hello there.',
  model: 'tiny',
  provider: 'house',
  tokens: 7,
  latency_ms: 5,
  finish_reason: 'stop',
}
const HELLO = events({ delta: 'Hello ' }, { delta: 'there.' }, { ...WHOLE, done: true })

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-chat-'))
})

afterEach(async () => {
  await server.close()
  await rm(cwd, { recursive: true })
})

async function serving(reply: Reply): Promise<FakeRest> {
  server = await fakeRest({ 'POST /api/chat/multi': reply })
  return server
}

function chat(argv: readonly string[], stdin?: string): Promise<Outcome> {
  const env = { PATCHBAY_URL: server.url, PATCHBAY_KEY: 'pb_live_k' }
  return run(['chat', ...argv], { cwd, env, ...(stdin === undefined ? {} : { stdin }) })
}

interface Talk {
  readonly screen: FakeTerminal
  readonly code: Promise<number>
}

function talk(argv: readonly string[] = []): Talk {
  const screen = new FakeTerminal()
  const env = { PATCHBAY_URL: server.url }
  return { screen, code: main(['chat', ...argv], screen.terminal({ cwd, env })) }
}

describe('one answer', () => {
  it('goes to stdout, and nothing else does', async () => {
    const { asked } = await serving(HELLO)
    const outcome = await chat(['Say', 'hello'])
    expect(outcome).toEqual({ code: 0, stdout: 'Hello there.\n', stderr: '' })
    expect(asked).toEqual([
      {
        line: 'POST /api/chat/multi',
        authorization: 'Bearer pb_live_k',
        body: { messages: [{ role: 'user', content: 'Say hello' }], stream: true },
      },
    ])
  })

  it('passes model, provider and system prompt on', async () => {
    const { asked } = await serving(HELLO)
    await chat(['-m', 'tiny', '-p', 'house', '-s', 'Be brief.', 'Hi'])
    expect(asked[0]?.body).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
      provider: 'house',
      model: 'tiny',
      stream: true,
    })
  })

  it('takes the question from stdin', async () => {
    const { asked } = await serving(HELLO)
    await chat([], 'What is this?\n')
    expect(asked[0]?.body).toMatchObject({ messages: [{ role: 'user', content: 'What is this?' }] })
  })

  it('adds what is piped in to the question', async () => {
    const { asked } = await serving(HELLO)
    await chat(['Sum this up:'], 'a\nb\n')
    expect(asked[0]?.body).toMatchObject({
      messages: [{ role: 'user', content: 'Sum this up:\n\na\nb' }],
    })
  })

  it('is one JSON value with --json', async () => {
    await serving(HELLO)
    const outcome = await chat(['--json', 'Hi'])
    expect(jsonOf(outcome)).toEqual({ ...WHOLE, latency_ms: expect.any(Number) })
  })

  it('is printed when it is whole with --no-stream', async () => {
    await serving(HELLO)
    expect(await chat(['--no-stream', 'Hi'])).toMatchObject({ code: 0, stdout: 'Hello there.\n' })
  })

  it('works as a program with a pipe', async () => {
    await serving(HELLO)
    const argv = ['chat', '--url', server.url]
    const outcome = await start(argv, { cwd, stdin: 'Hi' }).ended
    expect(outcome).toEqual({ code: 0, stdout: 'Hello there.\n', stderr: '' })
  })
})

describe('what goes wrong', () => {
  it('ends with 2 without a question', async () => {
    await serving(HELLO)
    const outcome = await chat([])
    expect(outcome).toMatchObject({ code: 2, stdout: '' })
    expect(outcome.stderr).toContain('patchbay chat "')
    expect(server.asked).toEqual([])
  })

  it('ends with 77 when the key is refused', async () => {
    await serving(failure(401, 'This Patchbay key is not known here.'))
    const outcome = await chat(['Hi'])
    expect(outcome).toMatchObject({ code: 77, stdout: '' })
    expect(outcome.stderr).toContain('PATCHBAY_KEY')
    expect(outcome.stderr).not.toContain('pb_live_k')
  })

  it('ends with 1 for a model that is not there, and says how to list them', async () => {
    const message = 'There is no model "tny". Did you mean "tiny"?'
    await serving(reply(404, { error: { kind: 'not_found', code: 'model_not_found', message } }))
    const outcome = await chat(['--json', '-m', 'tny', 'Hi'])
    expect(outcome.code).toBe(1)
    expect(jsonOf(outcome)).toEqual({
      error: { message, next: 'See what there is: patchbay models list', exit_code: 1 },
    })
  })

  it.each([502, 503, 504])('ends with 69 when the provider is down (%i)', async (status) => {
    await serving(failure(status, 'The provider "house" cannot be reached.'))
    expect(await chat(['Hi'])).toMatchObject({ code: 69, stdout: '' })
  })

  it('ends with 69 for an error in the stream, with what came before it', async () => {
    await serving(events({ delta: 'Hel' }, { error: { message: 'The provider broke off.' } }))
    const outcome = await chat(['Hi'])
    expect(outcome).toMatchObject({ code: 69, stdout: 'Hel' })
    expect(outcome.stderr).toContain('The provider broke off.')
  })

  it('ends with 69 for a stream without an end', async () => {
    await serving(events({ delta: 'Hel' }))
    const outcome = await chat(['Hi'])
    expect(outcome.code).toBe(69)
    expect(outcome.stderr).toContain('broke off before its end')
  })

  it('ends with 69 when the server that was named is not there', async () => {
    await serving(HELLO)
    const outcome = await chat(['--url', 'http://127.0.0.1:9', 'Hi'])
    expect(outcome.code).toBe(69)
    expect(outcome.stderr).toContain('patchbay serve')
  })
})

describe('Ctrl-C', () => {
  it('stops the answer, ends with 130 and hangs up on the server', async () => {
    const { promise: hungUp, resolve } = Promise.withResolvers<void>()
    await serving((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"delta":"Once "}\n\n')
      response.once('close', resolve)
    })
    const running = start(['chat', '--url', server.url, 'Tell me a story'], { cwd })
    await running.printed('stdout', /Once /)
    running.signal('SIGINT')
    await hungUp
    expect(await running.ended).toMatchObject({ code: 130, stdout: 'Once ' })
  })
})

describe('a conversation at a terminal', () => {
  it('remembers what was said, forgets it on /reset, and changes the model', async () => {
    const { asked } = await serving(HELLO)
    const { screen, code } = talk(['-s', 'Be brief.'])
    screen.stdin.write('one\n')
    await screen.shows('Hello there.\n', 1)
    screen.stdin.write('two\n')
    await screen.shows('Hello there.\n', 2)
    screen.stdin.write('/model big\n/reset\nthree\n')
    await screen.shows('Hello there.\n', 3)
    screen.stdin.write('/exit\n')
    expect(await code).toBe(0)
    const system = { role: 'system', content: 'Be brief.' }
    const answer = { role: 'assistant', content: 'Hello there.' }
    expect(asked.map(({ body }) => body)).toEqual([
      { messages: [system, { role: 'user', content: 'one' }], stream: true },
      {
        messages: [
          system,
          { role: 'user', content: 'one' },
          answer,
          { role: 'user', content: 'two' },
        ],
        stream: true,
      },
      { messages: [system, { role: 'user', content: 'three' }], model: 'big', stream: true },
    ])
    expect(screen.stderr.text).toContain('Model: big')
  })

  it('goes on after a failure, and forgets the question that failed', async () => {
    let calls = 0
    const { asked } = await serving((response, request) => {
      calls += 1
      const reply = calls === 1 ? failure(502, 'The provider is down.') : HELLO
      reply(response)
      request.resume()
    })
    const { screen, code } = talk()
    screen.stdin.write('one\n')
    await screen.shows('> ', 2)
    expect(screen.stderr.text).toContain('The provider is down.')
    screen.stdin.write('two\n')
    await screen.shows('Hello there.\n')
    screen.stdin.end()
    expect(await code).toBe(0)
    expect(asked.at(-1)?.body).toEqual({
      messages: [{ role: 'user', content: 'two' }],
      stream: true,
    })
  })

  it('stops the answer on the first Ctrl-C and leaves on the second', async () => {
    await serving((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"delta":"Once "}\n\n')
    })
    const { screen, code } = talk()
    screen.stdin.write('a story\n')
    await screen.shows('Once ')
    screen.stdin.write('\u0003')
    await screen.shows('> ', 2)
    expect(screen.stderr.text).toContain('(stopped)')
    screen.stdin.write('\u0003')
    expect(await code).toBe(0)
  })

  it('explains its commands', async () => {
    await serving(HELLO)
    const { screen, code } = talk()
    screen.stdin.write('/help\n/nonsense\n/model\n/exit\n')
    expect(await code).toBe(0)
    expect(screen.stderr.text).toContain('/reset')
    expect(screen.stderr.text).toContain('There is no command /nonsense.')
    expect(screen.stderr.text).toContain('Model: (the default)')
    expect(server.asked).toEqual([])
  })

  it('is not for machines', async () => {
    await serving(HELLO)
    const { screen, code } = talk(['--json'])
    expect(await code).toBe(2)
    expect(screen.stderr.text).toContain('--json needs a message')
  })
})
