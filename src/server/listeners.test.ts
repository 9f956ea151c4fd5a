// Where a gateway answers: with TLS, behind a declared proxy, and with an address of the admin's own.
import { networkInterfaces } from 'node:os'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TLSSocket, connect } from 'node:tls'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../test/faults/certificate.ts'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import { addressRange } from '../transport/address.ts'
import { isObject, parseJson } from '../wire/json.ts'

type Server = PatchbayConfig['server']

let folder: string
let opened: OpenGateway

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-listeners-'))
})
afterEach(async () => {
  await opened.close()
  await rm(folder, { recursive: true, force: true })
})

function server(more: Partial<Server> = {}): Server {
  return {
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    open: false,
    ...more,
  }
}

interface Told {
  readonly status: number
  readonly text: string
  readonly fingerprint?: string
}

async function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
  const isEncrypted = url.startsWith('https:')
  const asking = isEncrypted
    ? httpsRequest(url, { headers, agent: false, rejectUnauthorized: false })
    : httpRequest(url, { headers, agent: false })
  asking.end()
  const [answer] = await once(asking, 'response')
  let text = ''
  for await (const piece of answer) text += String(piece)
  const certificate = isEncrypted ? answer.socket.getPeerCertificate?.() : undefined
  return { status: answer.statusCode, text, fingerprint: certificate?.fingerprint256 }
}

async function writeCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const now = Date.now()
  const day = 86_400_000
  const { cert, key } = selfSigned({ from: new Date(now - day), to: new Date(now + day) })
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await writeFile(files.cert, cert)
  await writeFile(files.key, key, { mode: 0o600 })
  return files
}

describe('a gateway with a certificate', () => {
  it('speaks TLS 1.2 and above, and takes another certificate without a stop', async () => {
    const tls = await writeCertificate()
    opened = await openGateway({ config: { server: server({ tls }) } })
    expect(opened.url).toMatch(/^https:/)
    const before = await ask(`${opened.url}/livez`)
    expect(before.status).toBe(200)
    await writeCertificate()
    await opened.gateway.renew()
    const after = await ask(`${opened.url}/livez`)
    expect(after.status).toBe(200)
    expect(after.fingerprint).not.toBe(before.fingerprint)
    await expect(handshake('TLSv1.1')).rejects.toThrow(/protocol|alert|version/i)
    expect((await handshake('TLSv1.3')).alpnProtocol).toBe('http/1.1')
  })

  it('keeps the one that it has where the new one cannot be used', async () => {
    const tls = await writeCertificate()
    opened = await openGateway({ config: { server: server({ tls }) } })
    const before = await ask(`${opened.url}/livez`)
    await writeFile(tls.cert, 'nonsense')
    await expect(opened.gateway.renew()).rejects.toMatchObject({ code: 'tls_files' })
    await expect(opened.gateway.reload()).rejects.toMatchObject({ code: 'tls_files' })
    expect(await ask(`${opened.url}/livez`)).toEqual(before)
  })

  it('does not start with a key that is not the certificate’s, and quotes nothing of it', async () => {
    const tls = await writeCertificate()
    opened = await openGateway()
    const other = selfSigned({ from: new Date(0), to: new Date(1) })
    await writeFile(tls.key, other.key)
    await expect(openGateway({ config: { server: server({ tls }) } })).rejects.toMatchObject({
      code: 'tls_files',
      message: expect.stringMatching(/is not the key of the certificate/),
    })
    await writeFile(tls.key, `${other.key.slice(0, 60)}broken`)
    await expect(openGateway({ config: { server: server({ tls }) } })).rejects.toMatchObject({
      message: expect.not.stringContaining('BEGIN'),
    })
  })
})

async function handshake(version: 'TLSv1.1' | 'TLSv1.3'): Promise<TLSSocket> {
  const { hostname: host, port } = new URL(opened.url)
  const options = { minVersion: 'TLSv1', maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' } as const
  const ALPNProtocols = ['h2', 'http/1.1']
  const socket = connect({
    host,
    port: Number(port),
    rejectUnauthorized: false,
    ALPNProtocols,
    ...options,
  })
  await once(socket, 'secureConnect')
  socket.destroy()
  return socket
}

function range(text: string): NonNullable<Server['behindProxy']> {
  const found = addressRange(text)
  return found === undefined ? [] : [found]
}

/** With an address of the admin's own. */
async function openSplit(): Promise<{ readonly data: string; readonly admin: string }> {
  const admin = { host: '127.0.0.1', port: 0 }
  opened = await openGateway({ config: { server: server(), admin } })
  return { data: opened.url, admin: opened.adminUrl ?? '' }
}

/** An address of this machine that is not loopback, where there is one. */
const outer = Object.values(networkInterfaces())
  .flatMap((places = []) => places)
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

const missing = outer === undefined ? ' (this machine has no other address)' : ''

describe.skipIf(outer === undefined)(`a gateway behind a proxy${missing}`, () => {
  it('answers nobody without TLS but the proxies that are declared', async () => {
    const host = outer ?? ''
    opened = await openGateway({
      config: { server: server({ host, behindProxy: range('203.0.113.7') }) },
    })
    const headers = { authorization: `Bearer ${opened.adminToken}` }
    const refused = await ask(`${opened.url}/api/status`, headers)
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('behind_proxy')])
    await opened.close()
    opened = await openGateway({ config: { server: server({ host, behindProxy: range(host) }) } })
    const more = { authorization: `Bearer ${opened.adminToken}`, 'x-forwarded-for': '198.51.100.1' }
    expect((await ask(`${opened.url}/api/status`, more)).status).toBe(200)
  })
})

describe('an address of the admin’s own', () => {
  it('has every route that is the admin’s, and no other; no route stands at both', async () => {
    const { data, admin } = await openSplit()
    const document = parseJson((await ask(`${admin}/openapi.json`)).text)
    const paths = isObject(document) && isObject(document['paths']) ? document['paths'] : {}
    const doors = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(isObject(methods) ? methods : {}).includes('get') ? [path] : [],
    )
    expect(doors.length).toBeGreaterThan(15)
    const headers = { authorization: `Bearer ${opened.adminToken}` }
    const both: string[] = []
    for (const door of doors.filter((path) => path !== '/' && path !== '/api/events')) {
      const path = door.replaceAll(/\{\w+\}/g, 'x')
      const found = await Promise.all(
        [data, admin].map(async (url) => {
          const { status, text } = await ask(url + path, headers)
          return status !== 405 && status !== 404 && !text.includes('There is nothing at')
        }),
      )
      if (found.every((is) => is)) both.push(path)
    }
    expect(both).toEqual([])
    expect((await ask(`${data}/metrics`, headers)).status).toBe(404)
    expect((await ask(`${data}/api/status`, headers)).status).toBe(404)
    expect((await ask(`${admin}/v1/models`, headers)).status).toBe(404)
    expect((await ask(`${admin}/api/status`, headers)).status).toBe(200)
  })

  it('says at each what there is', async () => {
    const { data, admin } = await openSplit()
    expect((await ask(`${data}/`)).text).not.toContain('/api/providers/register')
    expect((await ask(`${admin}/`)).text).toContain('/api/providers/register')
    expect((await ask(`${admin}/`)).text).not.toContain('/v1/chat/completions')
  })

  it('takes no pages of other origins, be they listed for clients', async () => {
    const place = { host: '127.0.0.1', port: 0 }
    const allowedOrigins = ['https://app.example']
    opened = await openGateway({ config: { server: server({ allowedOrigins }), admin: place } })
    const origin = 'https://app.example'
    const client = { origin, authorization: `Bearer ${opened.clientKey}` }
    expect((await ask(`${opened.url}/v1/models`, client)).status).toBe(200)
    const admin = { origin, authorization: `Bearer ${opened.adminToken}` }
    expect((await ask(`${opened.adminUrl}/api/status`, admin)).status).toBe(403)
  })

  it('is no place for a provider either', async () => {
    const { admin } = await openSplit()
    const { port } = new URL(admin)
    const answer = await fetch(`${admin}/api/providers/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.adminToken}` },
      body: JSON.stringify({ provider_type: 'custom', name: 'x', base_url: admin }),
    })
    expect(answer.status).toBe(422)
    opened.gateway.manager.registerProvider({
      providerType: 'custom',
      name: 'loop',
      baseUrl: `http://127.0.0.1:${port}/v1`,
      models: ['m'],
    })
    await expect(opened.gateway.manager.chat('hi', { provider: 'loop' })).rejects.toMatchObject({
      code: 'self_reference',
    })
  })
})

describe('every answer', () => {
  it('tells a browser to do nothing with it', async () => {
    opened = await openGateway()
    const { headers } = await fetch(`${opened.url}/api/nothing`)
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(headers.get('set-cookie')).toBeNull()
  })
})
