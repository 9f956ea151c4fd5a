// Where each setting comes from.
import { expect, it } from 'vitest'
import { Secret } from '../vault/secret.ts'
import { flattened, sourcesOf } from './config-sources.ts'

it('is the strongest layer that says something of it', () => {
  expect(
    sourcesOf([
      ['flag', { server: { port: 1 } }],
      ['environment', { server: { port: 2, host: '::1' } }],
      ['file', { server: { port: 3, open: true }, aliases: { a: 'b' }, dataDir: '/x' }],
    ]),
  ).toEqual({
    'server.port': 'flag',
    'server.host': 'environment',
    'server.open': 'file',
    aliases: 'file',
    data_dir: 'file',
  })
})

it('is told for settings of two levels, with lists and secrets as values', () => {
  const url = new Secret('redis://x')
  expect(
    flattened({ redis: { url, settleMs: 5 }, plugins: ['a'], limits: { rules: [{}] } }),
  ).toEqual([
    ['redis.url', url],
    ['redis.settle_ms', 5],
    ['plugins', ['a']],
    ['limits.rules', [{}]],
  ])
})
