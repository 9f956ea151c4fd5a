// What is refused before a route is reached is still told in the words of whoever answers at that path.
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'

let opened: OpenGateway
beforeAll(async () => {
  opened = await openGateway()
})
afterAll(async () => {
  await opened.close()
})

const OPENAI = { error: { message: expect.any(String), type: expect.any(String), param: null } }
const ANTHROPIC = {
  type: 'error',
  error: { type: expect.any(String), message: expect.any(String) },
}
const GEMINI = {
  error: { code: expect.any(Number), message: expect.any(String), status: expect.any(String) },
}
const MISTRAL = { object: 'error', message: expect.any(String), type: expect.any(String) }
const OLLAMA = { error: expect.any(String) }
const ADMIN = { error: { kind: expect.any(String), message: expect.any(String) } }

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

function ask({ method, path, headers = {} }: Asked): Promise<{ status: number; body: unknown }> {
  const { hostname, port } = new URL(opened.url)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(text) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })
}

describe.each([
  ['/v1/chat/completions', OPENAI],
  ['/v1/responses', OPENAI],
  ['/v1/messages', ANTHROPIC],
  ['/v1beta/models/home/tiny:generateContent', GEMINI],
  ['/mistral/v1/chat/completions', MISTRAL],
  ['/api/generate', OLLAMA],
  ['/api/providers/register', ADMIN],
])('%s', (path, shape) => {
  it('tells of a wrong method in its own form', async () => {
    const answer = await ask({ method: 'PUT', path })
    expect(answer).toMatchObject({ status: 405, body: shape })
  })

  it('tells of a foreign Host in its own form', async () => {
    const answer = await ask({ method: 'POST', path, headers: { host: 'evil.example' } })
    expect(answer).toMatchObject({ status: 421, body: shape })
  })

  it('tells of a foreign Origin in its own form', async () => {
    const answer = await ask({ method: 'POST', path, headers: { origin: 'https://evil.example' } })
    expect(answer).toMatchObject({ status: 403, body: shape })
  })
})
