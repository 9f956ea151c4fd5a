// A provider that keeps the truth: what every call that it answered whole has used, by the name that the question gave it.
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { parseJson } from '../../src/wire/json.ts'
import { contentChunk, frame, wantsStream } from '../openai-replies.ts'

interface Used {
  readonly input: number
  readonly output: number
}

export interface TruthUpstream {
  readonly url: string
  /** Of calls that were answered whole, by their names. */
  readonly truth: ReadonlyMap<string, Used>
  /** The names of all calls that came in. */
  readonly seen: ReadonlySet<string>
  /** Runs something once it has written so many pieces more; those of answers that are whole count as one. */
  afterPieces(count: number, run: () => void): void
  close(): Promise<void>
}

const NAME = /call-[a-z0-9-]+/

export async function truthUpstream(random: () => number): Promise<TruthUpstream> {
  const truth = new Map<string, Used>()
  const seen = new Set<string>()
  let alarm: { left: number; readonly run: () => void } | undefined
  const piece = (): void => {
    if (alarm === undefined) return
    alarm.left -= 1
    if (alarm.left > 0) return
    const { run } = alarm
    alarm = undefined
    run()
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = parseJson(await textOf(request))
    const [name = ''] = NAME.exec(JSON.stringify(body)) ?? []
    seen.add(name)
    const words = 1 + Math.floor(random() * 12)
    const used = { input: 5 + Math.floor(random() * 5), output: words }
    const usage = {
      prompt_tokens: used.input,
      completion_tokens: used.output,
      total_tokens: used.input + used.output,
    }
    piece()
    if (!wantsStream(body)) {
      const message = { role: 'assistant', content: 'word '.repeat(words) }
      const choices = [{ index: 0, message, finish_reason: 'stop' }]
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ id: name, model: 'tiny', choices, usage }))
      truth.set(name, used)
      return
    }
    response.setHeader('content-type', 'text/event-stream')
    for (let count = 0; count < words; count += 1) {
      response.write(contentChunk('word '))
      piece()
      await turn()
    }
    const choices = [{ index: 0, delta: {}, finish_reason: 'stop' }]
    response.write(frame({ id: name, model: 'tiny', choices }))
    response.end(`${frame({ id: name, model: 'tiny', choices: [], usage })}data: [DONE]\n\n`)
    truth.set(name, used)
  }
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      answer(request, response).catch(() => response.destroy())
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end('{"object":"list","data":[{"id":"tiny","object":"model"}]}')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/v1`,
    truth,
    seen,
    afterPieces: (count, run) => {
      alarm = { left: count, run }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
