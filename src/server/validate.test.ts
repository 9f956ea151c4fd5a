// Bodies against schemas: what is refused, where, and with which hint.
import { Trail } from '../exchange/trail.ts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../canonical/errors.ts'
import type { Json } from '../wire/json.ts'
import type { Call } from './route.ts'
import { registerBody, toProviderConfig } from './routes/register-body.ts'
import { Secret } from '../vault/secret.ts'
import { jsonSchemaOf, validated, withQuery } from './validate.ts'

const schema = z.strictObject({
  name: z.string(),
  count: z.number().optional(),
  tags: z.array(z.string()).optional(),
  on: z.boolean().optional(),
  items: z.array(z.strictObject({ role: z.string() })).optional(),
})

function refusal(body: Json | undefined): GatewayError {
  try {
    validated(schema, body)
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('nothing was refused')
}

function call(query: string, body?: Json): Call {
  return {
    id: 'req_1',
    method: 'POST',
    path: '/',
    params: {},
    query: new URLSearchParams(query),
    headers: {},
    body,
    caller: { kind: 'admin', keyId: 'one', role: 'owner' },
    openTrail: () => new Trail(),
    signal: new AbortController().signal,
  }
}

describe('validated', () => {
  it('gives what the schema has', () => {
    expect(validated(schema, { name: 'a', count: 1 })).toEqual({ name: 'a', count: 1 })
  })

  it.each([
    [undefined, 'name'],
    [{ name: 1 }, 'name'],
    [{ name: 'a', tags: ['x', 2] }, 'tags[1]'],
    [{ name: 'a', items: [{ role: 'x' }, { role: 0 }] }, 'items[1].role'],
    [[], undefined],
    ['text', undefined],
    [null, 'name'],
  ])('says where %j is wrong: %s', (body, param) => {
    const error = refusal(body)
    expect(error.status).toBe(400)
    expect(error.param).toBe(param)
  })

  it('refuses an unknown key with the nearest one', () => {
    const error = refusal({ name: 'a', cuont: 1 })
    expect(error).toMatchObject({ code: 'unknown_key', param: 'cuont' })
    expect(error.message).toContain('"count"')
  })

  it('knows the keys at every depth', () => {
    const error = refusal({ name: 'a', items: [{ role: 'x', rol: 'y' }] })
    expect(error.param).toBe('items[0].rol')
    expect(error.message).toContain('"role"')
  })

  it('lists the known keys where none is near', () => {
    expect(refusal({ name: 'a', zzzzzzzzz: 1 }).message).toContain('name, count, tags')
  })
})

describe('withQuery', () => {
  it('is the body where the URL says nothing', () => {
    expect(withQuery(schema, call('', { name: 'a' }))).toEqual({ name: 'a' })
    expect(withQuery(schema, call(''))).toBeUndefined()
  })

  it('reads each key in the type it has', () => {
    const read = withQuery(schema, call('name=12&count=3&on=true&tags=a,b&tags=c'))
    expect(read).toEqual({ name: '12', count: 3, on: true, tags: ['a', 'b', 'c'] })
    expect(withQuery(schema, call('tags=["a,b"]'))).toEqual({ tags: ['a,b'] })
  })

  it('leaves to the schema what cannot be read, and what it does not know', () => {
    expect(withQuery(schema, call('count=three&extra=1'))).toEqual({ count: 'three', extra: '1' })
  })

  it('joins URL and body, but nothing may stand in both', () => {
    expect(withQuery(schema, call('count=1', { name: 'a' }))).toEqual({ name: 'a', count: 1 })
    expect(() => withQuery(schema, call('name=b', { name: 'a' }))).toThrow('Say it once')
  })

  it('leaves a body alone that is no object', () => {
    expect(withQuery(schema, call('name=b', [1]))).toEqual([1])
  })
})

describe('the register body', () => {
  it('covers every field of a provider configuration', () => {
    const config = toProviderConfig(
      validated(registerBody, {
        provider_type: 'custom',
        name: 'box',
        api_key: 'canary-key',
        base_url: 'http://127.0.0.1:9/v1',
        models: ['a'],
        default_model: 'a',
        enabled: false,
        rate_limit: 60,
        timeout: 5,
        settings: {
          connect_timeout: 1,
          total_timeout: 2,
          local: true,
          extra_one: { deep_one: [1] },
        },
      }),
    )
    expect(config).toEqual({
      providerType: 'custom',
      name: 'box',
      apiKey: new Secret('canary-key'),
      baseUrl: 'http://127.0.0.1:9/v1',
      models: ['a'],
      defaultModel: 'a',
      enabled: false,
      rateLimit: 60,
      timeout: 5,
      settings: { connectTimeout: 1, totalTimeout: 2, local: true, extraOne: { deep_one: [1] } },
    })
    expect(JSON.stringify(config)).not.toContain('canary-key')
  })

  it('names the provider after its type when nothing else is said', () => {
    expect(toProviderConfig(validated(registerBody, { provider_type: 'x' })).name).toBe('x')
  })

  it.each([
    { provider_type: '' },
    { provider_type: 'x', timeout: -1 },
    { provider_type: 'x', rate_limit: 0 },
    { provider_type: 'x', settings: { headers: { a: 1 } } },
    { providerType: 'x' },
  ])('refuses %j', (body) => {
    expect(() => validated(registerBody, body)).toThrow(GatewayError)
  })

  it('never repeats a key that is wrong in some way', () => {
    try {
      validated(registerBody, { provider_type: 'x', api_key: 'canary-key', apikey: 'canary-key' })
    } catch (error) {
      expect(String(error)).not.toContain('canary-key')
      return
    }
    throw new Error('nothing was refused')
  })
})

describe('jsonSchemaOf', () => {
  it('is plain JSON Schema without references', () => {
    const text = JSON.stringify(jsonSchemaOf(registerBody))
    expect(text).toContain('"provider_type"')
    expect(text).not.toContain('$ref')
    expect(text).not.toContain('$schema')
  })
})
