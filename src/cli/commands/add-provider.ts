// patchbay providers add: registers a provider with the running Patchbay, and writes it into the file with --save.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compact } from '../../canonical/compact.ts'
import { withProvider } from '../../config/edit.ts'
import { loadConfig } from '../../config/load.ts'
import { isLoopbackHost } from '../../config/schema.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT, toFailure } from '../exit.ts'
import type { SharedOptions } from '../options.ts'
import { type Terminal, pipedText, print, printJson, say } from '../terminal.ts'
import { unreadyText } from '../unready-text.ts'

export interface AddOptions extends SharedOptions {
  readonly type?: string
  readonly baseUrl?: string
  readonly keyEnv?: string
  readonly keyStdin?: true
  readonly apiKey?: string
  readonly models?: string
  readonly defaultModel?: string
  readonly default?: true
  readonly save?: true
}

export async function addProvider(
  terminal: Terminal,
  name: string,
  options: AddOptions,
): Promise<void> {
  refuseKeyArgument(options)
  const connection = await Connection.open(terminal, options, 'admin')
  const body = await registration(terminal, name, options)
  if (body['api_key'] !== undefined) assertPrivate(connection.url)
  const file = options.save === true ? await save(terminal, name, options) : undefined
  const done = await register(connection, body, { name, options, file })
  if (options.json === true) {
    return printJson(terminal, { ...done, ...(file === undefined ? {} : { saved: file }) })
  }
  const where = file === undefined ? '' : ` It is in ${file}, which is read when Patchbay starts.`
  if (done['registered'] === true) print(terminal, `Added ${name}.${where}`)
  else print(terminal, `Saved ${name}; no Patchbay runs at ${connection.url}.${where}`)
  const unready = unreadyText(name, done['provider'])
  if (unready !== undefined) say(terminal, unready)
}

/** Everyone on the machine can read the arguments of a command, and the shell remembers them. */
function refuseKeyArgument(options: AddOptions): void {
  if (options.key === undefined && options.apiKey === undefined) return
  throw new CommandFailure(
    'A key is not taken as an argument: other users of this machine can see it there, and the shell keeps it.',
    {
      code: EXIT.usage,
      next: 'Use --key-env NAME with the key in that environment variable, or pipe it in with --key-stdin. The key you typed is in the history of your shell now; consider replacing it.',
    },
  )
}

async function registration(
  terminal: Terminal,
  name: string,
  options: AddOptions,
): Promise<JsonObject> {
  return compact({
    name,
    provider_type: options.type ?? name,
    base_url: options.baseUrl,
    api_key: await keyOf(terminal, options),
    models: options.models?.split(',').map((model) => model.trim()),
    default_model: options.defaultModel,
  })
}

async function keyOf(terminal: Terminal, options: AddOptions): Promise<string | undefined> {
  const { keyEnv, keyStdin, save: saving } = options
  if (keyStdin === true) {
    if (keyEnv !== undefined || saving === true) {
      throw new CommandFailure(
        '--key-stdin goes with neither --key-env nor --save: the file holds the name of a variable, never a key.',
        {
          code: EXIT.usage,
          next: 'Put the key in an environment variable and use --key-env NAME.',
        },
      )
    }
    const key = await pipedText(terminal)
    if (key !== undefined) return key
    throw new CommandFailure('No key came in on stdin.', {
      code: EXIT.usage,
      next: 'For example: pass show openai | patchbay providers add openai --key-stdin',
    })
  }
  if (keyEnv === undefined) return undefined
  const key = terminal.env[keyEnv]
  if (key !== undefined && key !== '') return key
  throw new CommandFailure(`The environment variable ${keyEnv} is not set.`, {
    code: EXIT.usage,
    next: `Set it first: export ${keyEnv}=...`,
  })
}

/** A key goes to another machine only over TLS. */
function assertPrivate(url: string): void {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || isLoopbackHost(hostname)) return
  throw new CommandFailure(
    `The key is not sent to ${url}: without TLS, others on the way could read it.`,
    {
      code: EXIT.usage,
      next: 'Use an https:// address, or put the provider into the configuration file there.',
    },
  )
}

interface Adding {
  readonly name: string
  readonly options: AddOptions
  /** Where it is saved already. */
  readonly file: string | undefined
}

async function register(
  connection: Connection,
  body: JsonObject,
  { name, options, file }: Adding,
): Promise<Readonly<Record<string, Json>>> {
  if (file !== undefined && !(await connection.isPatchbay())) return { registered: false }
  try {
    const path = '/api/providers'
    const added = await connection.json({ method: 'POST', path: `${path}/register`, body })
    if (options.default === true) {
      const standing = `${path}/${encodeURIComponent(name)}/default`
      await connection.json({ method: 'POST', path: standing })
    }
    const provider = isObject(added) ? added['provider'] : undefined
    return { registered: true, ...(provider === undefined ? {} : { provider }) }
  } catch (thrown) {
    if (file === undefined) throw thrown
    // The file may allow what a caller of the REST API may not, such as an address on this machine.
    const { message, code } = toFailure(thrown)
    const next = `It is saved in ${file} all the same; start Patchbay again to use it.`
    throw new CommandFailure(message, { code, next, cause: thrown })
  }
}

async function save(terminal: Terminal, name: string, options: AddOptions): Promise<string> {
  const { config, keyEnv } = options
  const { env, cwd } = terminal
  const { file } = await loadConfig({ env, cwd, ...(config === undefined ? {} : { file: config }) })
  const path = file ?? join(cwd, 'patchbay.yaml')
  const before = file === undefined ? '' : await readFile(path, 'utf8')
  const entry = compact({
    name,
    type: options.type ?? name,
    baseUrl: options.baseUrl,
    keyVariable: keyEnv,
    models: options.models?.split(',').map((model) => model.trim()),
    defaultModel: options.defaultModel,
  })
  await writeFile(path, withProvider(before, entry, { makeDefault: options.default === true }), {
    mode: 0o600,
  })
  return path
}
