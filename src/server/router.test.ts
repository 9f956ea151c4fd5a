// Which routes stand at a path, and which of several takes a request.
import { describe, expect, it } from 'vitest'
import { isObject } from '../wire/json.ts'
import { writePlainError } from './plain-error.ts'
import type { Method, Route } from './route.ts'
import { Router, chooseRoute } from './router.ts'

function route(method: Method, path: string, more: Partial<Route> = {}): Route {
  return {
    method,
    path,
    access: 'open',
    writeError: writePlainError,
    description: { summary: path, group: 'test' },
    handle: async () => ({ status: 200, headers: {}, body: '' }),
    ...more,
  }
}

describe('the router', () => {
  const router = new Router([
    route('GET', '/v1/models'),
    route('GET', '/v1/models/*'),
    route('GET', '/api/providers/:name/models'),
    route('GET', '/api/providers/health'),
    route('DELETE', '/api/providers/:name'),
    route('HEAD', '/alive'),
  ])
  const pathAt = (method: string, path: string): string | undefined =>
    router.find(method, path)?.routes[0]?.path

  it.each([
    ['GET', '/v1/models', '/v1/models'],
    ['GET', '/api/providers/box/models', '/api/providers/:name/models'],
    ['GET', '/api/providers/health', '/api/providers/health'],
    ['HEAD', '/v1/models', '/v1/models'],
    ['HEAD', '/alive', '/alive'],
  ])('%s %s is %s', (method, path, expected) => {
    expect(pathAt(method, path)).toBe(expected)
  })

  it.each([
    ['/v1/models/local%2Fsmollm2-135m', 'local/smollm2-135m'],
    ['/v1/models/local/smollm2-135m', 'local/smollm2-135m'],
    ['/v1/models/a%2Fb:c%3Ad', 'a/b:c:d'],
    ['/v1/models/100%25', '100%'],
  ])('reads a model name from %s', (path, name) => {
    expect(router.find('GET', path)?.params['*']).toBe(name)
  })

  it('decodes a name in one segment', () => {
    expect(router.find('DELETE', '/api/providers/a%2Fb')?.params['name']).toBe('a/b')
  })

  it.each([
    ['GET', '/nothing'],
    ['GET', '/V1/models'],
    ['POST', '/v1/models'],
    ['GET', '/alive'],
    ['TRACE', '/v1/models'],
    ['get', '/v1/models'],
  ])('finds nothing for %s %s', (method, path) => {
    expect(router.find(method, path)).toBeUndefined()
  })

  it('knows the methods of a path', () => {
    expect(router.methodsOf('/v1/models')).toEqual(['GET', 'HEAD'])
    expect(router.methodsOf('/nothing')).toEqual([])
  })
})

describe('the choice among routes of one place', () => {
  const claiming = route('POST', '/a', { claims: (hint) => hint.headers['x'] === '1' })
  const reading = route('POST', '/a', { claims: ({ body }) => isObject(body) && 'm' in body })
  const rest = route('POST', '/a')

  it('is the first that claims the request', () => {
    expect(chooseRoute([rest, claiming], { path: '/', headers: { x: '1' } })).toBe(claiming)
    expect(chooseRoute([claiming, reading], { path: '/', headers: {}, body: { m: 1 } })).toBe(
      reading,
    )
  })

  it('is the one without a claim where nobody claims', () => {
    expect(chooseRoute([claiming, rest, reading], { path: '/', headers: {} })).toBe(rest)
  })

  it('is the last where even that is missing', () => {
    expect(chooseRoute([claiming, reading], { path: '/', headers: {} })).toBe(reading)
  })
})
