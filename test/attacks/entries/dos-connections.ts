// Attacks that use the gateway up: connections, heads and bodies that never end, bombs, streams that nobody reads.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TLSSocket, connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import type * as counters from '../../../src/tokens/bounded-counter.ts'
import type * as gateways from '../../../src/server/gateway.ts'
import { selfSigned } from '../../faults/certificate.ts'
import { type OpenGateway, openGateway } from '../../open-gateway.ts'
import { contentChunk, stream } from '../../openai-replies.ts'
import { RawClient, head } from '../../raw-client.ts'
import type { Attack } from '../attack.ts'
import type { Build } from '../build.ts'
import type { Stand } from '../stand.ts'

const NODE = 'src/server/node.ts'
const CALL = 'src/server/http-call.ts'
const APPLICATION = 'src/server/application.ts'

const IMPATIENT = ['server: { clients: { headers_timeout: 1, body_grace: 1, body_pause: 1 } }']

/** Texts in which a tokenizer finds nowhere to cut. */
const SLOW_TO_COUNT = [
  'a'.repeat(60_000),
  'a'.repeat(1_000_000),
  '!?'.repeat(60_000),
  ' '.repeat(120_000),
]

/** Long enough for whoever is to be cut off after a second. */
const PATIENCE = 6000

/** What a client has been told once it is cut off; throws an AssertionError where it is not. */
async function cutOff(client: RawClient): Promise<string> {
  const late = new Promise<'late'>((resolve) => {
    setTimeout(() => resolve('late'), PATIENCE).unref()
  })
  const first = await Promise.race([client.closed, late])
  client.socket.destroy()
  assert.notEqual(first, 'late', `nobody cut it off: ${client.text}`)
  return client.text
}

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).resume()
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  return socket
}

function openFiles({ pid }: Stand): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** A gateway with TLS in this process, for as long as the work takes. */
async function withTls(build: Build, work: (gateway: OpenGateway) => Promise<void>): Promise<void> {
  const { createGateway } = await build.load<typeof gateways>('server/gateway.ts')
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-attacked-'))
  const now = Date.now()
  const { cert, key } = selfSigned({ from: new Date(now - 1e7), to: new Date(now + 1e7) })
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(tls.cert, cert)
  writeFileSync(tls.key, key)
  const place = { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], open: false }
  const gateway = await openGateway({ createGateway, config: { server: { ...place, tls } } })
  try {
    await work(gateway)
  } finally {
    await gateway.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Hello {
  readonly servername?: string
  readonly protocols?: readonly string[]
}

/** A connection with TLS; undefined where it is refused. */
async function greeted(
  { url }: OpenGateway,
  { servername, protocols }: Hello,
): Promise<TLSSocket | undefined> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
    ...(protocols === undefined ? {} : { ALPNProtocols: [...protocols] }),
  })
  try {
    await once(socket, 'secureConnect')
    return socket
  } catch {
    return undefined
  }
}

async function said(socket: TLSSocket | undefined, request: string): Promise<string> {
  if (socket === undefined) return 'refused'
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece
  })
  socket.on('error', () => undefined)
  socket.write(request)
  await once(socket, 'close')
  return text
}

export const connectionFloods: readonly Attack[] = [
  {
    id: 'Z001',
    name: 'sends a head or a body a byte at a time',
    run: async (build) => {
      const stand = await build.start({ config: IMPATIENT })
      const slowHead = RawClient.at(stand.url).send('GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ')
      const silent = RawClient.at(stand.url)
      const slowBody = RawClient.at(stand.url).send(
        `${head('POST', [`Authorization: Bearer ${stand.clientKey}`, 'Content-Length: 100000'], '/v1/chat/completions')}{"model"`,
      )
      const [told, , answered] = await Promise.all([slowHead, silent, slowBody].map(cutOff))
      assert.match(told ?? '', /^HTTP\/1\.1 408/)
      assert.match(answered ?? '', /^HTTP\/1\.1 408/)
    },
    weaken: [
      {
        file: NODE,
        find: '      headersTimeout: patience.headersMs,\n',
        put: '      headersTimeout: 0,\n',
      },
      {
        file: NODE,
        find: 'Math.max(patience.requestMs, patience.headersMs)',
        put: '0',
      },
    ],
  },
  {
    id: 'Z002',
    name: 'opens more connections than there is room for',
    run: async (build) => {
      const config = ['server: { clients: { headers_timeout: 1, max_connections: 20 } }']
      const stand = await build.start({ config })
      const flood = await Promise.all(Array.from({ length: 60 }, async () => opened(stand.port)))
      const left = async (): Promise<number> => flood.filter((one) => !one.destroyed).length
      const until = performance.now() + PATIENCE
      const closed = flood.map(async (one) => (one.destroyed ? undefined : once(one, 'close')))
      // Most are closed at once, and the rest once they have said nothing for a second.
      await Promise.race([
        Promise.all(closed),
        new Promise((resolve) => {
          setTimeout(resolve, until - performance.now())
        }),
      ])
      const [open, files] = [await left(), openFiles(stand)]
      for (const socket of flood) socket.destroy()
      assert.equal(open, 0)
      assert.ok(files < 60, `${files} files are open`)
    },
    weaken: [
      {
        file: 'src/server/connection-gate.ts',
        find: '  server.maxConnections = gate.maxConnections\n',
        put: '',
      },
      {
        file: NODE,
        find: '      headersTimeout: patience.headersMs,\n',
        put: '      headersTimeout: 0,\n',
      },
    ],
  },
  {
    id: 'Z007',
    name: 'sends a form in parts whose boundary never ends',
    run: async (build) => {
      const stand = await build.server()
      const boundary = '-'.repeat(70)
      const startedAt = performance.now()
      const { status } = await stand.ask('/v1/chat/completions', {
        key: stand.clientKey,
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
        body: `--${boundary}${'-'.repeat(1_000_000)}`,
      })
      assert.equal(status, 415)
      assert.ok(performance.now() - startedAt < 5000)
    },
    weaken: [
      {
        file: APPLICATION,
        find: "    if (bytes > 0) assertJsonType(headers['content-type'])\n",
        put: '',
      },
    ],
  },
  {
    id: 'Z008',
    name: 'has a text counted that no tokenizer is quick with',
    run: async (build) => {
      const stand = await build.start()
      const count = async (letters: number): Promise<number> => {
        const startedAt = performance.now()
        const { status, text } = await stand.ask('/v1/messages/count_tokens', {
          key: stand.clientKey,
          body: {
            model: 'cloud/gpt-4o',
            messages: [{ role: 'user', content: 'a'.repeat(letters) }],
          },
        })
        assert.equal(status, 200, text.slice(0, 200))
        return performance.now() - startedAt
      }
      const { BoundedCounter } = await build.load<typeof counters>('tokens/bounded-counter.ts')
      for (const text of SLOW_TO_COUNT) {
        let counted = 0
        const counter = new BoundedCounter((asked) => {
          counted += asked.length
          return 1
        })
        assert.ok(counter.count(text) > 1)
        assert.equal(counted, 0, 'the tokenizer was asked')
      }
      const ms = await count(1_000_000)
      assert.ok(ms < 3000, `1,000,000 letters took ${Math.round(ms)} ms`)
    },
    weaken: [
      {
        file: 'src/tokens/bounded-counter.ts',
        find: '    if (this.#characters > MOST_CHARACTERS || this.#work > MOST_WORK) {\n',
        put: '    if (this.#characters > 1e12) {\n',
      },
    ],
  },
  {
    id: 'Z009',
    name: 'sends heads of a megabyte',
    run: async (build) => {
      const stand = await build.server()
      for (const name of ['Range', 'Accept', 'Cookie', 'X-A']) {
        const lines = Array.from({ length: 100 }, () => `${name}: ${'a,'.repeat(8 * 1024)}`)
        const client = RawClient.at(stand.url).send(head('GET', lines))
        const answer = await cutOff(client)
        assert.ok(answer === '' || answer.startsWith('HTTP/1.1 431'), answer.slice(0, 100))
      }
    },
    weaken: [
      {
        file: NODE,
        find: 'const MAX_HEADER_BYTES = 32 * 1024\n',
        put: 'const MAX_HEADER_BYTES = 64 * 1024 * 1024\n',
      },
    ],
  },
  {
    id: 'Z010',
    name: 'answers with what becomes a thousand times its size, or never ends',
    run: async (build) => {
      const stand = await build.start()
      const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, ' '))
      stand.upstream.reply({ headers: { 'content-encoding': 'gzip' }, chunks: [bomb] })
      const packed = await stand.chat()
      assert.equal(packed.status, 502, packed.text.slice(0, 200))
      stand.upstream.reply({ chunks: Array.from({ length: 70 }, () => ' '.repeat(1024 * 1024)) })
      const long = await stand.chat()
      assert.equal(long.status, 502, long.text.slice(0, 200))
      assert.match(packed.text, /too_large|protocol|compressed/)
    },
    weaken: [
      {
        file: 'src/transport/decompressed.ts',
        find: '{ ratio: 100, bytes: 256 * 1024 * 1024 }',
        put: '{ ratio: 1e9, bytes: 1e12 }',
      },
      {
        file: 'src/providers/upstream.ts',
        find: 'const MAX_BODY_BYTES = 64 * 1024 * 1024\n',
        put: 'const MAX_BODY_BYTES = 1e12\n',
      },
    ],
  },
  {
    id: 'Z011',
    name: 'opens streams and leaves them, again and again',
    run: async (build) => {
      const stand = await build.start()
      stand.upstream.answer(() => stream([contentChunk('first')], 'stall'))
      const before = openFiles(stand)
      const leave = async (): Promise<void> => {
        const leaving = new AbortController()
        const response = await fetch(`${stand.url}/v1/chat/completions`, {
          method: 'POST',
          signal: leaving.signal,
          headers: { authorization: `Bearer ${stand.clientKey}`, connection: 'close' },
          body: JSON.stringify({
            model: 'cloud/m',
            stream: true,
            messages: [{ role: 'user', content: 'go' }],
          }),
        })
        await response.body?.getReader().read()
        leaving.abort()
      }
      for (let round = 0; round < 20; round += 1) {
        await Promise.all(Array.from({ length: 10 }, leave))
      }
      const closed = Promise.all(stand.upstream.requests.map(async (one) => one.closed))
      const late = new Promise<'late'>((resolve) => {
        setTimeout(() => resolve('late'), PATIENCE).unref()
      })
      assert.notEqual(await Promise.race([closed, late]), 'late', 'upstreams go on')
      assert.equal(stand.upstream.requests.length, 200)
      assert.ok(openFiles(stand) < before + 40, `${openFiles(stand)} files are open`)
      assert.doesNotMatch(await stand.log(), /MaxListenersExceeded/)
    },
    weaken: [
      {
        file: CALL,
        find: '    if (!this.#response.writableFinished) this.cut(clientGone())\n',
        put: '',
      },
      {
        file: CALL,
        find: '        if (writer.isGone) break\n',
        put: '',
      },
    ],
  },
  {
    id: 'Z015',
    name: 'greets with names that no server has, and with what is no greeting',
    run: async (build) => {
      await withTls(build, async (gateway) => {
        const { port } = new URL(gateway.url)
        for (const garbage of [
          '\u0016\u0003\u0001\u0002\u0000',
          'GET / HTTP/1.1\r\n\r\n',
          '\u0000'.repeat(64),
        ]) {
          const socket = await opened(Number(port))
          socket.write(Buffer.from(garbage, 'latin1'))
          socket.end()
          await once(socket, 'close')
        }
        for (const servername of ['evil.example', 'a'.repeat(200), '__proto__', 'xn--\u007f']) {
          const socket = await greeted(gateway, { servername })
          const answer = await said(socket, head('GET', ['Connection: close'], '/livez'))
          assert.match(answer, /^HTTP\/1\.1 200/, servername)
        }
      })
    },
    weaken: [
      {
        file: NODE,
        find: "const TLS = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const\n",
        put: `const TLS = {
  minVersion: 'TLSv1.2',
  ALPNProtocols: ['http/1.1'],
  SNICallback: (name: string): void => {
    throw new Error(name)
  },
} as const
`,
      },
    ],
  },
  {
    id: 'Z016',
    name: 'asks for HTTP/2, to open and reset streams of it',
    run: async (build) => {
      await withTls(build, async (gateway) => {
        const both = await greeted(gateway, { protocols: ['h2', 'http/1.1'] })
        assert.equal(both?.alpnProtocol, 'http/1.1')
        both.destroy()
        const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
        const plain = await greeted(gateway, {})
        assert.match(await said(plain, preface), /^HTTP\/1\.1 (?:400|405|505)/)
      })
    },
    weaken: [
      {
        file: NODE,
        find: "ALPNProtocols: ['http/1.1'] } as const\n",
        put: "ALPNProtocols: ['h2', 'http/1.1'] } as const\n",
      },
    ],
  },
]
