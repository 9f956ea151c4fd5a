// docs/deployment.md is true: nginx passes what it is to pass, and the unit of systemd has what keeps a service in its place.
import { spawnSync } from 'node:child_process'
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { request } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../src/server.ts'
import { examplesOf, fileNameOf } from './documentation.ts'
import { openUpstream } from './fake-upstream.ts'
import { localHost, openGateway } from './open-gateway.ts'
import { contentChunk, stream } from './openai-replies.ts'
import { ROOT } from './packed.ts'
import { nginx } from './real/nginx.ts'

const examples = examplesOf('docs/deployment.md')

async function configOf(name: string): ReturnType<typeof loadConfig> {
  const example = examples.find((one) => fileNameOf(one) === name)
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-deployment-'))
  try {
    writeFileSync(join(folder, 'patchbay.yaml'), example?.text ?? '')
    return await loadConfig({ env: {}, cwd: folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

describe('the configurations of the page', () => {
  it('are good ones', async () => {
    expect((await configOf('with-tls.yaml')).admin).toEqual({ host: '127.0.0.1', port: 8788 })
    expect((await configOf('behind-nginx.yaml')).server.behindProxy).toHaveLength(1)
  })
})

const block = examples.find(({ language }) => language === 'nginx')?.text ?? ''
const upstream = await openUpstream()
const { server } = await configOf('behind-nginx.yaml')
const port = await freePort()
const gateway = await openGateway({
  providers: [localHost('house', upstream)],
  config: {
    server: { ...server, port: 0, allowedHosts: [...server.allowedHosts, `127.0.0.1:${port}`] },
  },
})
const { value: proxy, reason } = await nginx({ port, block, upstream: gateway.url })
afterAll(async () => {
  await proxy?.close()
  await gateway.close()
  await upstream.close()
})

async function ask(
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): Promise<IncomingMessage> {
  const asking = request(`${proxy?.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ca: proxy?.cert,
    checkServerIdentity: () => undefined,
    agent: false,
  })
  asking.end(body === undefined ? undefined : JSON.stringify(body))
  const [answer] = await once(asking, 'response')
  return answer
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of answer) text += String(piece)
  return text
}

const missing = reason === undefined ? '' : ` (${reason})`

describe.skipIf(proxy === undefined)(`behind nginx${missing}`, () => {
  const body = { model: 'house/m', messages: [{ role: 'user', content: 'go' }], stream: true }

  it('a stream comes word by word', async () => {
    upstream.reply(stream([contentChunk('first')], 'stall'))
    const authorization = `Bearer ${gateway.clientKey}`
    const answer = await ask('/v1/chat/completions', { authorization }, body)
    expect(answer.statusCode).toBe(200)
    const words = answer[Symbol.asyncIterator]()
    const { value } = await words.next()
    expect(String(value)).toContain('first')
    const [seen] = upstream.requests
    answer.destroy()
    await seen?.closed
  })

  it('nobody is anonymous, though the provider is free and the proxy on this machine', async () => {
    const answer = await ask('/v1/chat/completions', {}, body)
    expect(answer.statusCode).toBe(401)
    expect(await textOf(answer)).toContain('missing_api_key')
  })

  it('the admin is answered, and its registrations are held to the list', async () => {
    const authorization = `Bearer ${gateway.adminToken}`
    expect((await ask('/api/status', { authorization })).statusCode).toBe(200)
    const provider = { provider_type: 'custom', name: 'x', base_url: 'http://127.0.0.1:9/v1' }
    expect((await ask('/api/providers/register', { authorization }, provider)).statusCode).toBe(422)
  })

  it('another name than the one that is served is refused', async () => {
    expect((await ask('/livez', { host: 'evil.example' })).statusCode).toBe(421)
  })
})

const unit = readFileSync(join(ROOT, 'packaging', 'patchbay.service'), 'utf8')

/** Every value of a setting, in order. */
function valuesOf(name: string): readonly string[] {
  return unit
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1))
}

describe('the unit of systemd', () => {
  it.each([
    ['DynamicUser', 'yes'],
    ['NoNewPrivileges', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['PrivateTmp', 'yes'],
    ['PrivateDevices', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX'],
    ['SystemCallFilter', '@system-service'],
    ['MemoryDenyWriteExecute', 'no'],
    ['LimitCORE', '0'],
    ['LoadCredentialEncrypted', 'patchbay-vault-key'],
    ['StateDirectoryMode', '0700'],
    ['RestartPreventExitStatus', '78'],
  ])('has %s=%s', (name, value) => {
    expect(valuesOf(name)[0]).toBe(value)
  })

  it('gives a stop more time than Patchbay takes for it', () => {
    expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(25 + 5)
  })

  const isHere = spawnSync('systemd-analyze', ['--version']).status === 0
  const absent = isHere ? '' : ' (systemd-analyze is not installed)'
  it.skipIf(!isHere)(`is one that systemd understands${absent}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-unit-'))
    try {
      const path = join(folder, 'patchbay.service')
      // The program is not installed where the tests run.
      writeFileSync(path, unit.replaceAll('/usr/bin/patchbay', process.execPath))
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
        encoding: 'utf8',
      })
      expect([status, stderr.split('\n').filter((line) => line.includes('patchbay'))]).toEqual([
        0,
        [],
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
