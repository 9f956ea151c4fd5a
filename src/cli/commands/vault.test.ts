// patchbay init, vault and secret: without a server, with one that runs, and at a terminal.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  FakeTerminal,
  type Outcome,
  type Running,
  jsonOf,
  run,
  start,
} from '../../../test/run-patchbay.ts'
import { ObjectReader } from '../../wire/json.ts'
import { main } from '../program.ts'

const CANARY = 'sk-canary-9f8e7d6c5b4a39281706f5e4'

let cwd: string
let server: Running | undefined

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'pc-'))
})
afterEach(async () => {
  server?.signal('SIGKILL')
  await server?.ended
  server = undefined
  rmSync(cwd, { recursive: true })
})

function env(): Readonly<Record<string, string>> {
  return { HOME: cwd, PATCHBAY_HOME: join(cwd, 'data') }
}

function patchbay(line: string, stdin?: string): Promise<Outcome> {
  return run(line.split(' '), { cwd, env: env(), ...(stdin === undefined ? {} : { stdin }) })
}

async function done(line: string, stdin?: string): Promise<string> {
  const outcome = await patchbay(line, stdin)
  expect({ line, ...outcome }).toMatchObject({ code: 0 })
  return outcome.stdout
}

async function json(line: string, stdin?: string): Promise<ObjectReader> {
  return ObjectReader.of(jsonOf(await patchbay(`${line} --json`, stdin)), '')
}

const ADD = 'secret add house --type house --for-url https://house.example/v1 --key-stdin'

async function serve(): Promise<Running> {
  const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--log', 'json']
  server = start(argv, { cwd, env: env() })
  await server.printed('stdout', /Stop it with Ctrl-C/)
  return server
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

async function answer(screen: FakeTerminal, question: string, line: string): Promise<void> {
  while (!screen.stderr.text.endsWith(question)) {
    await new Promise((resolve) => screen.stderr.once('text', resolve))
  }
  screen.stdin.write(line)
}

describe('patchbay init', () => {
  it('makes a vault and its key, apart from each other, and says where they are', async () => {
    expect(await done('vault status')).toContain('patchbay init')
    const made = await json('init')
    expect(made.string('vault')).toBe(join(cwd, 'data', 'vault.pbv'))
    expect(made.string('key')).toBe(join(cwd, '.config', 'patchbay', 'vault.key'))
    expect(made.string('recovery_code')).toMatch(/^PBR-/)
    for (const name of ['vault', 'key'])
      expect(statSync(made.string(name)).mode & 0o777).toBe(0o600)
    const again = await patchbay('init')
    expect(again).toMatchObject({ code: 78, stdout: '' })
    expect(again.stderr).toContain('already')
  })

  it('takes a passphrase from stdin instead, and never a short one', async () => {
    expect((await patchbay('init --passphrase', 'short')).code).toBe(2)
    await done('init --passphrase --no-recovery', 'correct horse battery')
    expect(existsSync(join(cwd, '.config', 'patchbay', 'vault.key'))).toBe(false)
    expect((await patchbay('secret list')).code).toBe(77)
    expect((await patchbay('secret list --stdin', 'wrong horse battery')).code).toBe(77)
    await done('secret list --stdin', 'correct horse battery')
  })

  it('opens with the recovery code once the key is lost', async () => {
    const made = await json('init')
    await done(ADD, CANARY)
    rmSync(made.string('key'))
    expect((await patchbay('vault fsck')).code).toBe(77)
    expect(await done('vault fsck --stdin', made.string('recovery_code'))).toContain(
      'All 1 secrets',
    )
  })
})

describe('patchbay secret', () => {
  beforeEach(async () => {
    await done('init')
  })

  it('keeps a secret for one address, in versions that overlap, and shows none', async () => {
    expect(await done(ADD, CANARY)).toContain(
      'version 1 (active), for https://house.example:443 alone',
    )
    expect(await done('secret rotate house --key-stdin --pending', `${CANARY}x`)).toContain(
      'version 2 (pending)',
    )
    expect(await done('secret activate house --secret-version 2')).toContain('is active')
    expect(await done('secret retire house --secret-version 1')).toContain('is retired')
    const listed = await done('secret list')
    expect(listed).toMatch(/^house +1 +retired +sk-can\.\.\.f5e4 /m)
    expect(listed).toMatch(/^house +2 +active +sk-can\.\.\.5e4x /m)
    expect(listed).not.toContain(CANARY)
    expect(await done('secret test house')).toContain(`opens: ${CANARY.length + 1} characters`)
    await done('secret rm house --secret-version 1')
    const { source } = await json('secret test house')
    expect(source).toMatchObject({ version: 2, state: 'active' })
    await done('secret rm house')
    expect((await patchbay('secret test house')).code).toBe(1)
  })

  it('takes none as an argument, none that is empty, and none for no address', async () => {
    const asArgument = await patchbay(
      `secret add house --type house --for-url https://h.example --key ${CANARY}`,
    )
    expect(asArgument.code).toBe(2)
    expect(asArgument.stderr).not.toContain(CANARY)
    expect((await patchbay(ADD, '')).code).toBe(2)
    expect(
      (await patchbay('secret add house --type house --for-url ftp://h --key-stdin', 'x')).code,
    ).toBe(1)
  })

  it('V011 is revealed at a terminal only, to who types its name', async () => {
    await done(ADD, CANARY)
    const piped = await patchbay('secret reveal house')
    expect(piped).toMatchObject({ code: 77, stdout: '' })
    const screen = new FakeTerminal()
    const terminal = screen.terminal({ cwd, env: env() })
    const refused = main(['secret', 'reveal', 'house', '--json'], terminal)
    expect(await refused).toBe(77)
    const shown = main(['secret', 'reveal', 'house'], terminal)
    await answer(screen, 'key file: ', '\n')
    await answer(screen, '(house): ', 'house\n')
    expect(await shown).toBe(0)
    expect(screen.stdout.text).toContain(CANARY)
    expect(screen.stderr.text).not.toContain(CANARY)
  })
})

describe('patchbay vault', () => {
  it('changes keys: a slot more, another in its place, a new root key, a slot less', async () => {
    await done('init --no-recovery')
    await done(ADD, CANARY)
    const file = join(cwd, 'second.key')
    const added = await json(`vault slot add --new-key-file ${file} --label second`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const code = (await json('vault slot add --type recovery')).string('recovery_code')
    expect(await done('vault slot list')).toMatch(/key-file.*second/)
    expect((await json('vault rotate-root')).number('generation')).toBe(2)
    await done(`secret test house --vault-key-file ${file}`)
    await done('secret test house --stdin', code)
    await done(`vault rotate-kek ${added.string('id')} --new-key-file ${join(cwd, 'third.key')}`)
    expect((await patchbay(`secret test house --vault-key-file ${file}`)).code).toBe(77)
    await done(`secret test house --vault-key-file ${join(cwd, 'third.key')}`)
    expect((await patchbay('vault slot rm nonsense')).code).toBe(1)
    expect((await patchbay(`vault slot add --new-key-file ${join(cwd, 'data', 'k')}`)).code).toBe(
      77,
    )
  })

  it('saves and brings back: refused where that would lose something, unless it is meant', async () => {
    await done('init')
    await done(ADD, CANARY)
    await done('vault backup saved')
    expect(statSync(join(cwd, 'saved')).mode & 0o777).toBe(0o600)
    expect((await patchbay('vault backup saved')).code).toBe(1)
    await done('secret rm house')
    expect((await patchbay('vault restore saved')).code).toBe(65)
    await done('vault restore saved --accept-rollback')
    await done('secret test house')
    await done('vault backup for-a-passphrase --passphrase', 'correct horse battery')
    expect((await patchbay('vault restore for-a-passphrase --accept-rollback')).code).toBe(77)
    expect((await patchbay('vault backup nobody --to age1nonsense')).code).toBe(2)
  })

  it('finds what was changed in the file, and what the codes of its ends are', async () => {
    await done('init')
    const file = join(cwd, 'data', 'vault.pbv')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"format": 1', '"format": 2'))
    const refused = await patchbay('vault fsck')
    expect(refused.code).toBe(65)
    expect(refused.stderr).toContain('unknown format')
    expect((await patchbay('vault unlock')).code).toBe(69)
    rmSync(join(cwd, 'data'), { recursive: true })
    expect((await patchbay('secret list')).code).toBe(78)
  })
})

describe('with a server that runs', () => {
  it('V001 V010 its secrets are on no disk, in no log, no argument and no environment in clear', async () => {
    const { pid, printed, signal, ended } = await serve()
    const banner = await printed('stdout', /auto_init/)
    expect(banner).toContain(join(cwd, '.config', 'patchbay', 'vault.key'))
    await done(ADD, CANARY)
    await done('secret rotate house --key-stdin', `${CANARY}-second`)
    await done('vault rotate-root')
    await done('vault backup saved')
    await done('secret rm house --secret-version 1')
    const key = readFileSync(join(cwd, '.config', 'patchbay', 'vault.key'), 'utf8').trim()
    const sights = [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].filter((path) =>
      existsSync(path),
    )
    for (const path of [...filesBelow(cwd), ...sights]) {
      if (path.endsWith('.sock')) continue
      const text = readFileSync(path, 'latin1')
      expect({ path, hasSecret: text.includes('sk-canary') }).toEqual({ path, hasSecret: false })
      if (!path.endsWith('vault.key'))
        expect({ path, hasKey: text.includes(key) }).toEqual({ path, hasKey: false })
    }
    signal('SIGTERM')
    const { stdout, stderr } = await ended
    expect(stdout + stderr).not.toMatch(new RegExp(`${CANARY}|${key}`))
    expect(stderr).toContain('"operation":"secret-put","subject":"house"')
    for (const path of filesBelow(join(cwd, 'data'))) {
      expect(readFileSync(path, 'latin1')).not.toContain('sk-canary')
    }
  })

  it('locks and opens it, by the key that is there or the code that is typed in', async () => {
    await done('init')
    const { printed } = await serve()
    expect(await done('vault status')).toMatch(/^open/)
    expect(await done('vault lock')).toMatch(/^sealed/)
    expect(await printed('stderr', /"state":"sealed"/)).toContain('vault_state')
    expect((await patchbay('secret list')).code).toBe(77)
    expect((await patchbay('vault unlock --stdin', 'not the passphrase')).code).toBe(77)
    expect(await done('vault unlock')).toMatch(/^open/)
    await done(ADD, CANARY)
  })

  it('starts sealed without its key, and says how to open it', async () => {
    const made = await json('init')
    const { renameSync } = await import('node:fs')
    renameSync(made.string('key'), join(cwd, 'elsewhere'))
    const { printed } = await serve()
    expect(await printed('stdout', /sealed/)).toContain('patchbay vault unlock')
    await done(`vault unlock --vault-key-file ${join(cwd, 'elsewhere')}`)
  })

  it('V010 takes the variable with the key away from whoever looks into the process', async () => {
    const made = await json('init')
    const key = readFileSync(made.string('key'), 'utf8').trim()
    rmSync(made.string('key'))
    const argv = ['--report-on-signal', '--report-signal=SIGUSR2']
    const child = start(['serve', '--port', '0', '--no-detect', '--no-fetch', '--log', 'off'], {
      cwd,
      env: { ...env(), PATCHBAY_VAULT_KEY: key, NODE_OPTIONS: argv.join(' ') },
    })
    server = child
    await child.printed('stdout', /Stop it with Ctrl-C/)
    expect(await child.printed('stderr', /safer/)).not.toContain(key)
    child.signal('SIGUSR1')
    child.signal('SIGUSR2')
    const report = (): string | undefined =>
      readdirSync(cwd).find((name) => name.startsWith('report.'))
    await child.printed('stderr', /Node\.js report completed/)
    const written = ObjectReader.of(JSON.parse(readFileSync(join(cwd, report() ?? ''), 'utf8')), '')
    expect(JSON.stringify(written.source)).not.toContain(key)
    expect(written.has('environmentVariables')).toBe(false)
    child.signal('SIGTERM')
    expect((await child.ended).stderr).not.toContain('Debugger')
  })
})
