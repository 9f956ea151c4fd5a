// A server and its vault: what is made, what stays sealed, what clients are told, and who may open it.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type After, realAfter } from '../../canonical/after.ts'
import { mergeLayers } from '../../config/merge.ts'
import type { VaultConfig } from '../../config/schema.ts'
import type { Happening } from '../../exchange/happening.ts'
import { keyText } from '../../vault/key-text.ts'
import type { LoadKeychain } from '../../vault/key-sources/keychain.ts'
import { openDatabase } from '../../store/open-database.ts'
import { askLocally } from '../../transport/local-socket.ts'
import { EchoProvider } from '../../../test/echo-provider.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { CANARY, WHERE, newSecret } from '../../vault/fixtures/bench.ts'
import { wireClients } from '../../../test/wire-clients.ts'
import { openVault } from './open-vault.ts'

const KEY = keyText(Buffer.alloc(32, 7))

let home: string
let running: OpenGateway[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pv-'))
})
afterEach(async () => {
  for (const gateway of running) await gateway.close()
  running = []
  rmSync(home, { recursive: true })
})

interface Setup {
  readonly env?: Readonly<Record<string, string>>
  readonly vault?: VaultConfig
  readonly mayInit?: boolean
  readonly loadKeychain?: LoadKeychain
  readonly after?: After
}

interface Served extends OpenGateway {
  readonly happened: readonly Happening[]
}

async function serve({ env = {}, vault = {}, ...more }: Setup = {}): Promise<Served> {
  const dataDir = join(home, 'data')
  mkdirSync(dataDir, { recursive: true })
  const happened: Happening[] = []
  const { mayInit, loadKeychain, after } = more
  const gateway = await openGateway({
    dataDir,
    env,
    providers: [new EchoProvider({ providerType: 'echo', name: 'echo' })],
    hear: (fact) => void happened.push(fact),
    config: {
      store: {},
      vault,
    },
    start: {
      ...(mayInit === undefined ? {} : { mayInit }),
      ...(loadKeychain === undefined ? {} : { loadKeychain }),
    },
    ...(after === undefined ? {} : { after }),
  })
  running.push(gateway)
  return Object.assign(gateway, { happened })
}

async function stop(gateway: OpenGateway): Promise<void> {
  await gateway.close()
  running = running.filter((one) => one !== gateway)
}

function noTime(): number {
  return 0
}

function nobody(): void {}

const WITH_KEY = { env: { PATCHBAY_VAULT_KEY: KEY } } as const

async function ask(url: string, path: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}${path}`)
  return { status: answer.status, body: await answer.json() }
}

describe('the first start', () => {
  it('makes a vault for a key that is given, and opens it with the same key the next time', async () => {
    const first = await serve(WITH_KEY)
    expect(first.gateway.vault.status()).toMatchObject({
      state: 'open',
      slots: [{ type: 'environment' }],
    })
    expect(first.gateway.firstRun.vault).toEqual({ where: 'the variable PATCHBAY_VAULT_KEY' })
    expect(first.gateway.warnings[0]).toContain('safer')
    await first.gateway.vault.put(newSecret('house'))
    await stop(first)
    const second = await serve(WITH_KEY)
    expect(second.gateway.firstRun.vault).toBeUndefined()
    expect(second.gateway.vault.reveal('house', WHERE).reveal()).toBe(CANARY)
  })

  it('makes a key only where it may: said aloud, apart from the data, for its owner alone', async () => {
    const env = { HOME: home }
    const silent = await serve({ env })
    expect(silent.gateway.vault.status().state).toBe('absent')
    expect(existsSync(join(home, '.config'))).toBe(false)
    await stop(silent)
    const forbidden = await serve({ env, mayInit: true, vault: { autoInit: false } })
    expect(forbidden.gateway.vault.status().state).toBe('absent')
    await stop(forbidden)
    const first = await serve({ env, mayInit: true })
    const keyFile = join(home, '.config', 'patchbay', 'vault.key')
    expect(first.gateway.firstRun.vault).toEqual({ where: keyFile, keyFile })
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    const key = readFileSync(keyFile, 'utf8')
    await stop(first)
    const second = await serve({ env, mayInit: true })
    expect(second.gateway.vault.status().state).toBe('open')
    expect(readFileSync(keyFile, 'utf8')).toBe(key)
  })

  it('makes no key for a server that others can reach', async () => {
    const database = await openDatabase({
      url: 'memory:',
      file: '',
      durability: 'fast',
      now: noTime,
    })
    const folders = { dataDir: join(home, 'data'), baseDir: home }
    const given = {
      database,
      env: { HOME: home },
      now: noTime,
      after: realAfter,
      tell: nobody,
      mayInit: true,
    }
    const reachable = mergeLayers([{ server: { host: '0.0.0.0' } }], folders)
    const { vault } = await openVault({ ...given, config: reachable })
    expect(vault.state).toBe('absent')
    const opened = await openVault({ ...given, config: mergeLayers([], folders) })
    expect(opened.vault.state).toBe('open')
    await database.close()
  })

  it('answers calls without a vault', async () => {
    const { gateway, url } = await serve()
    expect(() => gateway.vault.key('audit-chain')).toThrow(/patchbay init/)
    expect(await ask(url, '/readyz')).toEqual({ status: 200, body: { status: 'ok' } })
  })

  it('has a vault in memory where nothing is to be remembered', async () => {
    const gateway = await openGateway({})
    running.push(gateway)
    expect(gateway.gateway.vault.status()).toMatchObject({ state: 'open', slots: [] })
    await gateway.gateway.vault.put(newSecret('house'))
    await expect(gateway.gateway.vault.lock()).rejects.toThrow(/would be lost/)
  })
})

async function sealed(): Promise<Served> {
  const first = await serve(WITH_KEY)
  await first.gateway.vault.put(newSecret('house'))
  await stop(first)
  const { adminToken } = first
  return Object.assign(await serve(), { adminToken })
}

describe('a sealed vault', () => {
  it.each(wireClients)('answers nobody, in the words of $name', async (client) => {
    const { url, gateway } = await sealed()
    const question = { model: 'echo/echo-1', text: 'Hi', streamed: false }
    const send = async (): Promise<{ status: number; text: string; code: string | null }> => {
      const answer = await fetch(`${url}${client.path(question)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(client.body(question)),
      })
      const code = answer.headers.get('x-patchbay-error')
      return { status: answer.status, text: await answer.text(), code }
    }
    const refused = await send()
    // The Messages protocol has a status of its own for what cannot answer now.
    expect(refused.status).toBe(client.dialect.startsWith('anthropic') ? 529 : 503)
    expect(refused.code).toBe('vault_sealed')
    expect(refused.text).toContain('sealed')
    expect(await ask(url, '/readyz')).toEqual({ status: 503, body: { status: 'vault_sealed' } })
    expect((await ask(url, '/livez')).status).toBe(200)
    await gateway.vault.unlock([{ form: 'bytes', bytes: Buffer.alloc(32, 7) }])
    expect((await send()).status).not.toBe(refused.status)
    expect((await ask(url, '/readyz')).status).toBe(200)
  })

  it('V014 opens over no path of HTTP, V011 and shows no secret there', async () => {
    const { url, adminToken, gateway } = await sealed()
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    for (const path of [
      '/admin/v1/unseal',
      '/api/admin/unseal',
      '/api/vault/unlock',
      '/api/admin/vault/unlock',
      '/v1/sys/unseal',
    ]) {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ key: KEY }),
      })
      expect(answer.status).toBe(404)
    }
    for (const path of ['/admin/v1/providers/x?reveal=1', '/api/admin/secrets/house/reveal']) {
      expect((await fetch(`${url}${path}`, { headers })).status).toBe(404)
    }
    const document = await (await fetch(`${url}/openapi.json`)).text()
    expect(document).not.toMatch(/unseal|unlock|reveal/)
    expect(gateway.vault.isSealed).toBe(true)
    await gateway.vault.unlock([{ form: 'bytes', bytes: Buffer.alloc(32, 7) }])
    expect((await fetch(`${url}/api/status`, { headers })).status).toBe(200)
    const reveal = await fetch(`${url}/api/admin/secrets/house/reveal`, { headers })
    expect(reveal.status).toBe(404)
  })

  it('opens through its socket, which is for its owner alone', async () => {
    const { url, gateway, happened } = await sealed()
    const path = join(home, 'data', 'vault.sock')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const unlock = (key: string): Promise<unknown> =>
      askLocally(path, { operation: 'unlock', args: { keys: [{ form: 'bytes', key }] } })
    expect(await unlock(keyText(Buffer.alloc(32, 8)))).toMatchObject({
      ok: false,
      code: 'vault_key_refused',
    })
    expect(await unlock(KEY)).toMatchObject({ ok: true, result: { state: 'open' } })
    expect((await ask(url, '/readyz')).status).toBe(200)
    const reveal = (key: string): Promise<unknown> =>
      askLocally(path, {
        operation: 'secret-reveal',
        args: { id: 'house', keys: [{ form: 'bytes', key }] },
      })
    expect(await reveal(keyText(Buffer.alloc(32, 8)))).toMatchObject({ ok: false })
    expect(await reveal(KEY)).toEqual({ ok: true, result: { secret: CANARY } })
    expect(happened.filter(({ type }) => type === 'vault-kept')).toEqual([
      { type: 'vault-kept', operation: 'unlock', refused: 'vault_key_refused' },
      { type: 'vault-kept', operation: 'unlock' },
      {
        type: 'vault-kept',
        operation: 'secret-reveal',
        subject: 'house',
        refused: 'vault_key_refused',
      },
      { type: 'vault-kept', operation: 'secret-reveal', subject: 'house' },
    ])
    expect(await askLocally(path, { operation: 'lock', args: {} })).toMatchObject({ ok: true })
    expect(gateway.vault.isSealed).toBe(true)
    expect((await ask(url, '/readyz')).status).toBe(503)
    expect(await askLocally(path, { operation: 'nonsense', args: {} })).toMatchObject({ ok: false })
    expect(await askLocally(path, 'nonsense')).toMatchObject({ ok: false })
  })

  it('stays sealed with a key of something else, says so, and makes nothing new', async () => {
    const first = await sealed()
    const before = readFileSync(join(home, 'data', 'vault.pbv'), 'utf8')
    await stop(first)
    const { gateway } = await serve({
      env: { PATCHBAY_VAULT_KEY: keyText(Buffer.alloc(32, 8)), HOME: home },
      mayInit: true,
    })
    expect(gateway.vault.status()).toMatchObject({ state: 'sealed', reason: 'vault_key_refused' })
    expect(readFileSync(join(home, 'data', 'vault.pbv'), 'utf8')).toBe(before)
    expect(existsSync(join(home, '.config', 'patchbay', 'vault.key'))).toBe(false)
  })
})

const downKeychain: LoadKeychain = async () => {
  throw new Error('503')
}

describe('F122 a keychain that does not answer', () => {
  it('leaves the vault sealed, is asked again with longer waits, and no key is made in its stead', async () => {
    const first = await serve(WITH_KEY)
    await stop(first)
    const before = readFileSync(join(home, 'data', 'vault.pbv'), 'utf8')
    let isDown = true
    let asked = 0
    const loadKeychain: LoadKeychain = async () => {
      asked += 1
      if (isDown) throw new Error('503')
      return { getPassword: () => KEY, setPassword: () => {} }
    }
    const waits: { readonly milliseconds: number; readonly run: () => void }[] = []
    const after: After = (milliseconds, run) => {
      const wait = { milliseconds, run }
      if ([100, 200, 400, 500].includes(milliseconds)) waits.push(wait)
      return () => {}
    }
    const vault = { retryMs: 100, retryMostMs: 500 }
    const server = await serve({ env: { HOME: home }, mayInit: true, loadKeychain, after, vault })
    const { gateway, url, happened } = server
    expect(gateway.vault.status()).toMatchObject({
      state: 'sealed',
      reason: 'vault_key_unreachable',
    })
    expect(await ask(url, '/readyz')).toEqual({ status: 503, body: { status: 'vault_sealed' } })
    expect(happened).toContainEqual({
      type: 'vault-state',
      state: 'sealed',
      reason: 'vault_key_unreachable',
    })
    for (const wait of [100, 200, 400, 500, 500]) {
      expect(waits.at(-1)?.milliseconds).toBe(wait)
      const before = waits.length
      waits.at(-1)?.run()
      await expect.poll(() => waits.length).toBe(before + 1)
    }
    isDown = false
    waits.at(-1)?.run()
    await expect.poll(() => gateway.vault.isSealed).toBe(false)
    expect(asked).toBe(7)
    expect((await ask(url, '/readyz')).status).toBe(200)
    expect(readFileSync(join(home, 'data', 'vault.pbv'), 'utf8')).toBe(before)
    expect(existsSync(join(home, '.config', 'patchbay', 'vault.key'))).toBe(false)
  })

  it('makes no vault at the first start either', async () => {
    const { gateway } = await serve({
      env: { HOME: home },
      mayInit: true,
      loadKeychain: downKeychain,
    })
    expect(gateway.vault.status().state).toBe('absent')
    expect(existsSync(join(home, '.config'))).toBe(false)
  })
})

describe('V010 a process that others may look into', () => {
  it.each([
    '--inspect',
    '--inspect=0.0.0.0:9229',
    '--inspect-brk',
    '--heapsnapshot-signal=SIGUSR2',
  ])('opens no vault: %s', async (flag) => {
    const env = { ...WITH_KEY.env, NODE_OPTIONS: `--max-old-space-size=512 ${flag}` }
    await expect(serve({ env })).rejects.toMatchObject({ code: 'boot_inspector' })
    expect(existsSync(join(home, 'data', 'vault.pbv'))).toBe(false)
    const { gateway } = await serve({ env: { ...env, PATCHBAY_WAIVE: 'inspector' } })
    expect(gateway.vault.status().state).toBe('open')
  })
})

it('V007 a key file that others can read keeps the server from starting', async () => {
  const keyFile = join(home, 'k')
  writeFileSync(keyFile, KEY, { mode: 0o644 })
  await expect(serve({ vault: { keyFile } })).rejects.toThrow(`Run: chmod 600 ${keyFile}`)
})
