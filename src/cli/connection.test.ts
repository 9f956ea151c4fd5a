// Where commands find the server, what they show it, and what its answers mean.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeRest, fakeRest, json } from '../../test/fake-rest.ts'
import { Sink } from '../../test/run-patchbay.ts'
import { GatewayError } from '../canonical/errors.ts'
import { ConfigError } from '../config/problem.ts'
import { Connection } from './connection.ts'
import { CommandFailure, EXIT, toFailure } from './exit.ts'
import { refusalOf } from './refusal.ts'
import { serverAddress } from './server-address.ts'
import type { Terminal } from './terminal.ts'

let cwd: string
let server: FakeRest | undefined

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-connection-'))
})

afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(cwd, { recursive: true })
})

function terminal(env: Record<string, string> = {}): Terminal {
  const stdin = new PassThrough()
  return { env, cwd, home: cwd, stdin, stdout: new Sink(false), stderr: new Sink(false) }
}

describe('serverAddress', () => {
  it('is --url before PATCHBAY_URL, without a slash at the end', async () => {
    const env = { PATCHBAY_URL: 'https://b/' }
    expect(await serverAddress(terminal(env), { url: 'http://a:1//' })).toBe('http://a:1')
    expect(await serverAddress(terminal(env), {})).toBe('https://b')
  })

  it.each([
    ['', 'http://127.0.0.1:8787'],
    ['server: { port: 9000 }', 'http://127.0.0.1:9000'],
    ['server: { host: 192.168.1.2 }', 'http://192.168.1.2:8787'],
    ['server: { host: 0.0.0.0 }', 'http://127.0.0.1:8787'],
    ['server: { host: "::1" }', 'http://[::1]:8787'],
    ['server: { host: "::" }', 'http://127.0.0.1:8787'],
  ])('with the configuration %j is %s', async (text, address) => {
    await writeFile(join(cwd, 'patchbay.yaml'), text)
    expect(await serverAddress(terminal(), {})).toBe(address)
  })

  it.each(['ftp://a', 'a:1', 'nonsense'])('refuses %s', async (url) => {
    await expect(serverAddress(terminal(), { url })).rejects.toMatchObject({ code: EXIT.usage })
  })
})

describe('Connection', () => {
  const env = { PATCHBAY_ADMIN_TOKEN: 'pba_t', PATCHBAY_KEY: 'pb_live_k' }

  it.each([
    ['admin', env, 'Bearer pba_t'],
    ['client', env, 'Bearer pb_live_k'],
    ['admin', { PATCHBAY_KEY: 'pb_live_k' }, 'Bearer pb_live_k'],
    ['client', { PATCHBAY_ADMIN_TOKEN: 'pba_t' }, 'Bearer pba_t'],
    ['chat', env, 'Bearer pb_live_k'],
    ['chat', { PATCHBAY_ADMIN_TOKEN: 'pba_t' }, undefined],
    ['client', {}, undefined],
  ] as const)('shows as %s with %o: %s', async (role, given, authorization) => {
    server = await fakeRest({ 'GET /x': {} })
    const connection = await Connection.open(terminal(given), { url: server.url }, role)
    await connection.json({ method: 'GET', path: '/x' })
    expect(server.asked[0]?.authorization).toBe(authorization)
  })

  it('knows a Patchbay from another server', async () => {
    server = await fakeRest({})
    expect(await new Connection(server.url, undefined).isPatchbay()).toBe(true)
    await server.close()
    server = await fakeRest({ 'GET /': { name: 'Something else' } })
    expect(await new Connection(server.url, undefined).isPatchbay()).toBe(false)
    expect(await new Connection('http://127.0.0.1:9', undefined).isPatchbay()).toBe(false)
  })

  it('fails for an answer that is not JSON', async () => {
    server = await fakeRest({ 'GET /x': (response) => response.end('<html>') })
    const asked = new Connection(server.url, undefined).json({ method: 'GET', path: '/x' })
    await expect(asked).rejects.toThrow('The server answered with status 200')
  })

  it('carries no token to a public address without TLS', async () => {
    const connection = new Connection('http://8.8.8.8', 'pba_t')
    const asked = connection.json({ method: 'GET', path: '/x' })
    await expect(asked).rejects.toMatchObject({
      code: EXIT.usage,
      message: expect.stringContaining('use https'),
    })
  })

  it('gives up when asked to', async () => {
    const stopping = new AbortController()
    server = await fakeRest({ 'GET /x': () => stopping.abort() })
    const { signal } = stopping
    const asked = new Connection(server.url, undefined).send({ method: 'GET', path: '/x', signal })
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled' })
  })

  it('throws what the server says', async () => {
    const error = { message: 'No.', code: 'provider_not_found' }
    server = await fakeRest({ 'GET /x': json(404, { error }) })
    const asked = new Connection(server.url, undefined).json({ method: 'GET', path: '/x' })
    await expect(asked).rejects.toMatchObject({
      message: 'No.',
      code: EXIT.failure,
      next: 'See what there is: patchbay providers list',
    })
  })
})

describe('refusalOf', () => {
  it.each([
    [400, EXIT.failure],
    [401, EXIT.permission],
    [403, EXIT.permission],
    [404, EXIT.failure],
    [409, EXIT.failure],
    [429, EXIT.failure],
    [500, EXIT.failure],
    [502, EXIT.unavailable],
    [503, EXIT.unavailable],
    [504, EXIT.unavailable],
  ])('of status %i ends with %i', (status, code) => {
    expect(refusalOf(status, { error: { message: 'x' } })).toMatchObject({ code, message: 'x' })
  })

  it.each([
    ['admin_token_missing', /--token/],
    ['provider_disabled', /^See why: patchbay health$/],
  ])('asks for a token only where that is what is missing: %s', (code, next) => {
    expect(refusalOf(403, { error: { message: 'x', code } }).next).toMatch(next)
  })

  it('finds the message in either shape, or makes one', () => {
    expect(refusalOf(400, { error: 'plain' }).message).toBe('plain')
    expect(refusalOf(418, undefined).message).toBe('The server answered with status 418.')
  })
})

describe('toFailure', () => {
  it.each([
    [new GatewayError('auth', 'x'), EXIT.permission],
    [new GatewayError('timeout', 'x'), EXIT.unavailable],
    [new GatewayError('upstream', 'x'), EXIT.unavailable],
    [new GatewayError('invalid_request', 'x'), EXIT.failure],
    [new GatewayError('cancelled', 'x'), EXIT.interrupted],
    [new ConfigError('f', [{ path: 'a', message: 'x' }]), EXIT.config],
    [new Error('x'), EXIT.failure],
    ['x', EXIT.failure],
  ])('of %s ends with %i', (thrown, code) => {
    expect(toFailure(thrown)).toMatchObject({ code, message: expect.stringContaining('x') })
  })

  it('leaves a failure as it is', () => {
    const failure = new CommandFailure('x', { code: EXIT.usage, next: 'y' })
    expect(toFailure(failure)).toBe(failure)
  })
})
