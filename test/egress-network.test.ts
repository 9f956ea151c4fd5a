// In a network of its own, where canaries listen at loopback, private and metadata addresses: none of them hears anything.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ObjectReader, isArray, tryParseJson } from '../src/wire/json.ts'
import { permittedPart } from './real/cache.ts'

const ADDRESSES = ['10.1.2.3/32', '169.254.169.254/32', '192.168.7.7/32', 'fd00:ec2::254/128']

function inOwnNetwork(): string {
  const script = [
    'ip link set lo up',
    ...ADDRESSES.map((address) => `ip addr add ${address} dev lo`),
    `exec ${process.execPath} ${join(import.meta.dirname, 'canary-network.ts')}`,
  ].join(' && ')
  return run(script)
}

function run(script: string): string {
  const args = ['--user', '--map-root-user', '--net', 'sh', '-c', script]
  const { status, stdout, stderr, error } = spawnSync('unshare', args, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(error?.message ?? stderr.slice(0, 300))
}

const { reason } = await permittedPart(async () => run('ip link set lo up'))
const missing = reason === undefined ? '' : ` (no network of its own can be had: ${reason})`

describe.skipIf(reason !== undefined)(`in a network full of canaries${missing}`, () => {
  const said = reason === undefined ? inOwnNetwork() : '{}'
  const told = ObjectReader.of(tryParseJson(said) ?? {}, 'canaries')

  it('nothing is called that may not be, however it is named', () => {
    expect(told.source['canaries']).toBe(18)
    expect(told.source['called']).toEqual([])
  })

  it('each registration or call is refused', () => {
    const { source: statuses } = told.object('statuses')
    expect(Object.keys(statuses).length).toBeGreaterThan(30)
    for (const [url, codes] of Object.entries(statuses)) {
      const last = isArray(codes) ? codes.at(-1) : undefined
      expect([url, last]).toEqual([url, expect.toSatisfy((code) => code === 422 || code === 403)])
    }
  })

  it('who is listed is called, so that the way is open', () => {
    expect(told.source['listed']).toBeGreaterThan(0)
  })
})
