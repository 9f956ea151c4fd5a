// docs/security.md is true: every cell of its table of callers is tried on a real server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScriptedProvider } from '../src/testing.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { ROOT } from './packed.ts'

const page = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')
const rows = page
  .split('## Who may do what')[1]
  ?.split('\n\n')[1]
  ?.split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, ...cells]) => cells)

let server: OpenGateway

beforeAll(async () => {
  const local = new ScriptedProvider({ name: 'home', settings: { local: true } })
  server = await openGateway({ providers: [local, new ScriptedProvider({ name: 'work' })] })
})

afterAll(async () => server.close())

function headersOf(caller: string): Record<string, string> {
  if (caller.startsWith('client key')) return { authorization: `Bearer ${server.clientKey}` }
  if (caller.startsWith('admin token')) return { 'x-api-key': server.adminToken }
  return caller.includes('anywhere else') ? { 'x-forwarded-for': '203.0.113.9' } : {}
}

async function chat(provider: string, headers: Record<string, string>): Promise<Response> {
  const body = JSON.stringify({ message: 'hi', provider })
  return fetch(`${server.url}/api/chat`, { method: 'POST', headers, body })
}

const ACTIONS = [
  async (headers: Record<string, string>) => chat('home', headers),
  async (headers: Record<string, string>) => chat('work', headers),
  async (headers: Record<string, string>) => fetch(`${server.url}/api/providers`, { headers }),
]

describe('who may do what', () => {
  const [head = [], , ...callers] = rows ?? []

  it('is a table of four callers', () => {
    expect(callers).toHaveLength(4)
    expect(head).toHaveLength(ACTIONS.length + 2)
  })

  for (const [caller = '', ...cells] of callers) {
    it.each(ACTIONS.map((action, at) => [head[at + 1], cells[at], action] as const))(
      `${caller}: %s: %s`,
      async (_, allowed, action) => {
        const response = await action(headersOf(caller))
        if (allowed === 'yes') expect(response.status).toBe(200)
        else expect([401, 403]).toContain(response.status)
      },
    )
  }

  it('is refused with a key in the URL, whoever asks', async () => {
    const response = await fetch(`${server.url}/api/providers?api_key=${server.adminToken}`)
    expect(response.status).toBe(400)
  })
})

describe('web pages', () => {
  it('of other origins are refused', async () => {
    const foreign = await fetch(`${server.url}/api/status`, {
      headers: { origin: 'https://evil.example' },
    })
    expect(foreign.status).toBe(403)
  })
})
