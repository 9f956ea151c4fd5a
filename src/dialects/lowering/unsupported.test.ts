// Settings without a slot on the target.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { requestWith, text } from './request.arbitrary.ts'
import { type UnsupportedFeature, unsupported } from './unsupported.ts'

const full: ChatRequest = requestWith({
  turns: [
    {
      role: 'user',
      name: 'ann',
      parts: [
        { ...text('a'), cache: { ttl: '5m' }, citations: [{ kind: 'url', url: 'u' }] },
        { type: 'image', source: { kind: 'base64', data: 'AAAA' }, detail: 'high' },
      ],
    },
  ],
  tools: [{ kind: 'function', name: 'f', strict: true, cache: {} }],
  caching: { key: 'k' },
  identity: { user: 'u', metadata: { a: 1 } },
  service: { tier: 'flex', store: false, region: 'eu' },
})

function notesOf(request: ChatRequest, feature: UnsupportedFeature): readonly string[] {
  return unsupported({ features: [feature] })(request).notes.map(
    (note) => `${note.action} ${note.feature} ${note.path} ${note.weight}`,
  )
}

describe('unsupported', () => {
  it.each<[UnsupportedFeature, readonly string[]]>([
    [
      'caching',
      [
        'dropped caching caching 1',
        'dropped cache_control turns[0].parts[0].cache 1',
        'dropped cache_control tools[0].cache 1',
      ],
    ],
    ['user', ['dropped user identity.user 1']],
    ['metadata', ['dropped metadata identity.metadata 1']],
    ['tier', ['dropped service_tier service.tier 1']],
    ['store', ['dropped store service.store 4']],
    ['region', ['dropped region service.region 4']],
    ['strict', ['dropped strict tools[0].strict 2']],
    ['names', ['dropped name turns[0].name 1']],
    ['detail', ['dropped detail turns[0].parts[1].detail 1']],
    ['citations', ['dropped citations turns[0].parts[0].citations 1']],
  ])('drops %s with its weight, once', (feature, notes) => {
    expect(notesOf(full, feature)).toEqual(notes)
    const { value } = unsupported({ features: [feature] })(full)
    expect(notesOf(value, feature)).toEqual([])
  })

  it('leaves the features it was not given', () => {
    expect(unsupported({ features: [] })(full).value).toBe(full)
    const { value } = unsupported({ features: ['user'] })(full)
    expect(value).toEqual({ ...full, identity: { metadata: { a: 1 } } })
  })

  it('weighs a permission to store as advice, the usual image detail and an unset strict as nothing', () => {
    expect(notesOf(requestWith({ service: { store: true } }), 'store')).toEqual([
      'dropped store service.store 1',
    ])
    const tools = [{ kind: 'function', name: 'f', strict: false }] as const
    expect(notesOf(requestWith({ tools }), 'strict')).toEqual(['dropped strict tools[0].strict 0'])
    const image = {
      type: 'image',
      source: { kind: 'base64', data: 'AAAA' },
      detail: 'auto',
    } as const
    expect(notesOf(requestWith({ turns: [{ role: 'user', parts: [image] }] }), 'detail')).toEqual([
      'dropped detail turns[0].parts[0].detail 0',
    ])
  })

  it('does nothing to a request without the feature', () => {
    const request = requestWith({})
    const features = ['caching', 'user', 'metadata', 'tier', 'store', 'region', 'strict'] as const
    expect(unsupported({ features })(request).value).toBe(request)
  })
})
