// Faults of the way to a provider: names, connections, certificates, requests that do not arrive.
import { createHash } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { failureCause } from '../../src/exchange/failure-cause.ts'
import { failureClass } from '../../src/resilience/failure-class.ts'
import type { Resolver } from '../../src/transport/connector.ts'
import { isObject, parseJson } from '../../src/wire/json.ts'
import { type Bench, type BenchSetup, openBench } from './bench.ts'
import { closedPort, openBlackHole } from './black-hole.ts'
import { selfSigned } from './certificate.ts'
import { failsEverywhere, savedEverywhere } from './everywhere.ts'
import { GOOD } from './fault.ts'

let bench: Bench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

async function open(setup?: BenchSetup): Promise<Bench> {
  bench = await openBench(setup)
  return bench
}

const HOST = 'nx.test.invalid'

function codedError(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code} ${HOST}`), { code })
}

/** The broken providers at a name; every other host is this machine. */
function named(resolver: Resolver, more: BenchSetup = {}): BenchSetup {
  return {
    ...more,
    resolver: async (host) =>
      host === HOST ? resolver(host) : [{ address: '127.0.0.1', family: 4 }],
    brokenProvider: { baseUrl: `http://${HOST}:1/`, ...more.brokenProvider },
  }
}

describe('F001 a host name that is not known', () => {
  const unknown = named(async () => {
    throw codedError('ENOTFOUND')
  })

  it('F001 is a 502 that names no host, at once, and is not asked for again', async () => {
    const { broken } = await open(unknown)
    const start = performance.now()
    await failsEverywhere(bench ?? (await open()), GOOD, {
      status: 502,
      code: 'upstream_unreachable',
      cause: 'dns',
      class: 'safe',
      attempts: 1,
    })
    // 24 calls.
    expect((performance.now() - start) / 24).toBeLessThan(250)
    const seen = await bench?.ask({ dialect: 'ollama' })
    expect(seen?.body).not.toContain(HOST)
    expect(broken.calls).toEqual([])
  })

  it('F001 is seen by no client where another target is sound', async () => {
    await savedEverywhere(await open(unknown), GOOD)
  })
})

describe('F002 a look-up that hangs', () => {
  const hanging = named(async () => new Promise(() => {}), {
    brokenProvider: { settings: { connectTimeout: 0.1 } },
  })

  it('F002 is given up with the time for a connection, not with the system’s', async () => {
    const opened = await open(hanging)
    const start = performance.now()
    await failsEverywhere(opened, GOOD, {
      status: 502,
      code: 'upstream_unreachable',
      cause: 'dns_timeout',
      class: 'safe',
      attempts: 1,
    })
    expect((performance.now() - start) / 24).toBeLessThan(600)
  })

  it('F002 is told as what it is where the name server itself gives up', async () => {
    const opened = await open(
      named(async () => {
        throw codedError('EAI_AGAIN')
      }),
    )
    await failsEverywhere(opened, GOOD, {
      status: 502,
      code: 'upstream_unreachable',
      cause: 'dns_timeout',
      class: 'safe',
      attempts: 1,
    })
  })

  it('F002 is one look-up for all who ask for the host, and holds up nobody else', async () => {
    let lookups = 0
    const opened = await open(
      named(
        async () => {
          lookups += 1
          return new Promise(() => {})
        },
        { brokenProvider: { settings: { connectTimeout: 0.5 } } },
      ),
    )
    const hung = Array.from({ length: 64 }, async () =>
      opened.ask({ dialect: 'openai-chat', model: 'broken-openai-chat/m' }),
    )
    const sound = await opened.ask({ dialect: 'openai-chat', model: 'sound-openai-chat/m' })
    expect(sound.status).toBe(200)
    await Promise.all(hung)
    expect(lookups).toBe(1)
  })
})

describe('F004 a refused connection', () => {
  it('F004 is tried once more after a moment, then a 502 that is worth another try in a second', async () => {
    const port = await closedPort()
    const opened = await open({ brokenProvider: { baseUrl: `http://127.0.0.1:${port}/` } })
    await failsEverywhere(opened, GOOD, {
      status: 502,
      code: 'upstream_unreachable',
      cause: 'connect_refused',
      class: 'safe',
      attempts: 2,
    })
    expect(Math.max(...opened.pauses)).toBeLessThanOrEqual(50)
    const { headers } = await opened.ask({ dialect: 'gemini' })
    expect(headers['retry-after']).toBe('1')
  })

  it('F004 is seen by no client where another target is sound', async () => {
    const port = await closedPort()
    const opened = await open({ brokenProvider: { baseUrl: `http://127.0.0.1:${port}/` } })
    await savedEverywhere(opened, GOOD)
  })

  it('F004 is not multiplied: a thousand calls are no more than 1.2 thousand attempts', async () => {
    const port = await closedPort()
    const opened = await open({ brokenProvider: { baseUrl: `http://127.0.0.1:${port}/` } })
    for (let round = 0; round < 50; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, async () =>
          opened.ask({ dialect: 'openai-chat', model: 'broken-openai-chat/m' }),
        ),
      )
    }
    const attempts = opened.happenings.filter(({ type }) => type === 'attempt-failed')
    expect(attempts.length).toBeLessThanOrEqual(1200)
  })
})

describe('F005 a connection that nobody accepts', () => {
  it('F005 is a 504 once the time for a connection is over, and another target answers', async () => {
    const hole = await openBlackHole()
    const opened = await open({
      brokenProvider: {
        baseUrl: `http://127.0.0.1:${hole.port}/`,
        settings: { connectTimeout: 0.2 },
      },
    })
    try {
      const start = performance.now()
      const seen = await opened.ask({ dialect: 'openai-chat' })
      expect(performance.now() - start).toBeGreaterThan(190)
      expect(performance.now() - start).toBeLessThan(1500)
      expect([seen.status, seen.headers['x-patchbay-error']]).toEqual([504, 'upstream_timeout'])
      const [failure] = opened.happenings.flatMap((one) =>
        one.type === 'attempt-failed' ? [one.error] : [],
      )
      expect(failure === undefined ? [] : [failureCause(failure), failureClass(failure)]).toEqual([
        'connect_timeout',
        'safe',
      ])
      const saved = await opened.ask({ dialect: 'openai-chat', model: 'route-openai-chat' })
      expect([saved.status, saved.headers['x-patchbay-attempts']]).toEqual([200, '2'])
    } finally {
      hole.close()
    }
  })
})

const DAY = 24 * 60 * 60 * 1000

function days(from: number, to: number): { from: Date; to: Date } {
  const now = Date.now()
  return { from: new Date(now + from * DAY), to: new Date(now + to * DAY) }
}

describe('F006 a certificate', () => {
  it.each([
    ['signed by itself', days(-1, 1), 'untrusted', /signed by itself/],
    ['that has expired', days(-9, -1), 'trusted', /has expired/],
    ['that is not valid yet', days(1, 9), 'trusted', /not valid yet/],
  ] as const)(
    'F006 %s is a 502 that names what is wrong with it, and is not asked again',
    async (...[, validity, trust, words]) => {
      const certificate = selfSigned(validity)
      const before = getCACertificates('default')
      if (trust === 'trusted') setDefaultCACertificates([...before, certificate.cert])
      try {
        const opened = await open({ upstream: { tls: certificate } })
        await failsEverywhere(opened, GOOD, {
          status: 502,
          code: 'upstream_tls',
          cause: 'tls',
          class: 'safe',
          attempts: 1,
        })
        const { body } = await opened.ask({ dialect: 'openai-chat' })
        expect(body).toMatch(words)
        expect(body).not.toContain('BEGIN')
        await savedEverywhere(opened, GOOD)
      } finally {
        setDefaultCACertificates(before)
      }
    },
  )

  it('F006 is always asked for: a process that is told to trust anybody does not start', async () => {
    await expect(open({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).rejects.toMatchObject({
      code: 'boot_certificates',
    })
  })
})

describe('F011 a reset after the request has been read', () => {
  it('F011 is a 502 that does not say that nothing was done', async () => {
    await failsEverywhere(await open(), [{ at: 'head', do: 'reset' }], {
      status: 502,
      code: 'upstream_truncated',
      cause: 'reset_before_headers',
      class: 'uncertain',
      attempts: 1,
    })
  })

  it('F011 goes to another target once, and both executions are on record', async () => {
    const opened = await open()
    await savedEverywhere(opened, [{ at: 'head', do: 'reset' }])
    expect(opened.broken.calls.length + opened.sound.calls.length).toBeLessThanOrEqual(24)
    const answered = opened.happenings.filter((one) => one.type === 'attempt-answered')
    expect(answered.length).toBe(12)
    // The breaker opens after five: from there on nothing is done twice.
    expect(answered.filter(({ replay }) => replay === true).length).toBe(opened.broken.calls.length)
  })

  it('F011 is not repeated where the answer would be stored twice', async () => {
    const opened = await open()
    opened.broken.script(() => [{ at: 'head', do: 'reset' }])
    const stored = await opened.ask({
      dialect: 'openai-chat',
      model: 'route-openai-chat',
      extra: { store: true },
    })
    expect([stored.status, opened.sound.calls.length]).toEqual([502, 0])
  })
})

describe('F012 a reset while the request is uploaded', () => {
  it('F012 is safe: another target gets the whole request', async () => {
    const opened = await open({ provider: { timeout: 20 } })
    const text = 'four '.repeat(1024 * 1024 - 20)
    opened.broken.script(() => [{ at: { upload: 64 * 1024 }, do: 'reset' }])
    const seen = await opened.ask({ dialect: 'openai-chat', model: 'route-openai-chat', text })
    expect([seen.status, seen.headers['x-patchbay-attempts']]).toEqual([200, '2'])
    const [failure] = opened.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(failure === undefined ? [] : [failureCause(failure), failureClass(failure)]).toEqual([
      'reset_uploading',
      'safe',
    ])
    expect(opened.broken.calls).toEqual([])
    const [got] = opened.sound.calls
    expect(hashOfQuestion(got?.request.body ?? '')).toBe(hash(text))
  })
})

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hashOfQuestion(body: string): string {
  const json = parseJson(body)
  const messages = isObject(json) ? json['messages'] : undefined
  const [message] = Array.isArray(messages) ? messages : []
  return hash(isObject(message) ? String(message['content']) : '')
}

describe('F013 a connection that is closed at once', () => {
  it('F013 is a 502, and uncertain where it was a new one', async () => {
    await failsEverywhere(await open(), [{ at: 'head', do: 'fin' }], {
      status: 502,
      code: 'upstream_truncated',
      cause: 'eof_before_headers',
      class: 'uncertain',
      attempts: 1,
    })
  })

  it('F013 is seen by no client where another target is sound', async () => {
    await savedEverywhere(await open(), [{ at: 'connect', do: 'fin' }])
  })

  it('F013 is safe where an idle connection died, and the request goes out again on a new one', async () => {
    const opened = await open()
    await opened.ask({ dialect: 'openai-chat', model: 'broken-openai-chat/m' })
    opened.broken.script((call) => (call?.number === 1 ? [{ at: 'head', do: 'fin' }] : GOOD))
    const seen = await opened.ask({ dialect: 'openai-chat', model: 'broken-openai-chat/m' })
    expect([seen.status, seen.headers['x-patchbay-attempts']]).toEqual([200, '2'])
    const classes = opened.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [failureClass(one.error)] : [],
    )
    expect(classes).toEqual(['safe'])
  })
})
