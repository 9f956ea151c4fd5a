// A real PostgreSQL on a free port of this machine, for one test file.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { type RealPart, realPart } from './cache.ts'
import { freePort } from './free-port.ts'

export interface PostgresServer {
  readonly port: number
  /** What `url` has as its password. */
  readonly password: string
  /** The URL of a new database. `options`: of CREATE DATABASE. */
  database(options?: string): Promise<string>
  /** Ends it at once, as a crash would: what was committed is there when it starts again. */
  kill(): Promise<void>
  /** Starts it again, on the same port, with what it had. */
  start(): Promise<void>
  /** Holds it still with all its connections, as a machine that hangs would. */
  freeze(): void
  thaw(): void
  /** From now on it offers TLS, with this certificate. */
  encrypt(pair: { readonly key: string; readonly cert: string }): Promise<void>
  close(): Promise<void>
}

const USER = 'patchbay'
const PASSWORD = 'pg-password-of-tests'

/** Debian's `postgresql`, or why there is none. */
export async function postgresServer(): Promise<RealPart<PostgresServer>> {
  return realPart(async () => {
    const account = unprivileged()
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-postgres-'))
    if (account !== undefined) chownSync(folder, account.uid, account.gid)
    const data = join(folder, 'data')
    create(data, account)
    const port = await freePort()
    const start = async (): Promise<ChildProcess> => started({ data, port, account })
    let running = await start()
    let databases = 0
    const kill = async (): Promise<void> => {
      await ended(running)
    }
    return {
      port,
      password: PASSWORD,
      database: async (options = '') => {
        const name = `test_${(databases += 1)}`
        await asked(urlOf(port, 'postgres'), `CREATE DATABASE ${name} ${options}`)
        return urlOf(port, name)
      },
      kill,
      start: async () => {
        running = await start()
      },
      freeze: () => everyProcess(running, 'SIGSTOP'),
      thaw: () => everyProcess(running, 'SIGCONT'),
      encrypt: async ({ key, cert }) => {
        written(join(data, 'server.key'), { text: key, account })
        written(join(data, 'server.crt'), { text: cert, account })
        await asked(urlOf(port, 'postgres'), 'ALTER SYSTEM SET ssl = on')
        await asked(urlOf(port, 'postgres'), 'SELECT pg_reload_conf()')
        const shows = async (): Promise<unknown> => asked(urlOf(port, 'postgres'), 'SHOW ssl')
        while (!JSON.stringify(await shows()).includes('"on"')) await shows()
      },
      close: async () => {
        if (running.exitCode === null && running.signalCode === null) await kill()
        rmSync(folder, { recursive: true })
      },
    }
  })
}

/** Runs one statement over a connection of its own. */
async function asked(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`
}

interface Account {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root: then the account that its package brings. */
function unprivileged(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  try {
    return { uid: idOf('-u'), gid: idOf('-g') }
  } catch {
    throw new Error(MISSING)
  }
}

function idOf(flag: string): number {
  return Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }))
}

const MISSING = 'postgresql is not installed (Debian: apt-get install postgresql)'
const DEBIAN = '/usr/lib/postgresql'

function program(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : []
  const folders = versions.toSorted((a, b) => b - a).map((version) => `${DEBIAN}/${version}/bin`)
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(MISSING)
  return found
}

function create(data: string, account: Account | undefined): void {
  const words = `${data}.password`
  written(words, { text: PASSWORD, account })
  const options = ['-D', data, '-U', USER, '-A', 'scram-sha-256', '--pwfile', words]
  execFileSync(
    program('initdb'),
    [...options, '-E', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions'],
    { stdio: 'pipe', cwd: tmpdir(), ...account },
  )
}

interface Written {
  readonly text: string
  readonly account: Account | undefined
}

function written(path: string, { text, account }: Written): void {
  writeFileSync(path, text, { mode: 0o600 })
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

interface Starting {
  readonly data: string
  readonly port: number
  readonly account: Account | undefined
}

async function started({ data, port, account }: Starting): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Nothing here must outlive the machine.
    fsync: 'off',
    shared_buffers: '16MB',
    max_connections: '60',
    log_line_prefix: '',
    lc_messages: 'C',
  }
  const server = spawn(
    program('postgres'),
    ['-D', data, '-p', String(port)].concat(
      Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ),
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir(), ...account },
  )
  process.once('exit', () => server.kill('SIGQUIT'))
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', (code) =>
      reject(new Error(`postgres ended with code ${code}: ${said.slice(-5).join(' ')}`)),
    )
    createInterface(server.stderr).on('line', (line) => {
      said.push(line)
      if (line.includes('database system is ready to accept connections')) resolve()
    })
  })
  return server
}

/** SIGQUIT ends every process of it without a word to its clients' transactions; SIGKILL would leave them behind. */
async function ended(server: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
  })
  server.kill('SIGQUIT')
  server.kill('SIGCONT')
  await gone
}

/** One process a connection: they are no group, and each is a child of the first. */
function everyProcess(server: ChildProcess, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const { pid } = server
  if (pid === undefined) throw new Error('postgres does not run')
  server.kill(signal)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  for (const child of children.split(' ')) if (child !== '') process.kill(Number(child), signal)
}
