// patchbay providers add: registers a provider with the running Patchbay, and writes it into the file with --save.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compact } from '../../canonical/compact.ts'
import { withProvider } from '../../config/edit.ts'
import { loadConfig } from '../../config/load.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, toFailure } from '../exit.ts'
import { type KeyOptions, assertPrivate, keyOf, refuseKeyArgument } from '../given-key.ts'
import type { SharedOptions } from '../options.ts'
import { type Terminal, print, printJson, say } from '../terminal.ts'
import { unreadyText } from '../unready-text.ts'

export interface AddOptions extends SharedOptions, KeyOptions {
  readonly type?: string
  readonly baseUrl?: string
  readonly models?: string
  readonly defaultModel?: string
  readonly default?: true
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
    const next = `It is saved in ${file} all the same; to use it: patchbay reload`
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
