// The recorded traffic and captured client requests beside the checkout: read there, never committed.
// A clone without them skips what needs them; PATCHBAY_CORPUS=required makes their absence a failure.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Json,
  type JsonObject,
  ObjectReader,
  isArray,
  isObject,
  parseJson,
} from '../src/wire/json.ts'
import type { WireHeaders } from '../src/wire/message.ts'

const SHARED = join(import.meta.dirname, '..', '..', 'shared')

/** Whether the corpus is beside this checkout. Throws where it is required and absent. */
export function hasCorpus(): boolean {
  const found = existsSync(join(SHARED, 'fixtures', 'INDEX.md'))
  if (!found && process.env['PATCHBAY_CORPUS'] === 'required') {
    throw new Error(
      'PATCHBAY_CORPUS=required, but there is no ../shared/fixtures beside this checkout',
    )
  }
  return found
}

/** One recorded exchange. */
export interface CorpusCase {
  /** `openai-chat/chat-text-…`. */
  readonly name: string
  /** The vendor's operation, such as `chat.completions` or `messages`. */
  readonly api: string
  readonly features: readonly string[]
  readonly status: number
  readonly path: string
  /** As the request or the answer names it; empty where neither does. */
  readonly model: string
  readonly responseHeaders: WireHeaders
  /** Byte lengths of the reads in which the answer came, where the source kept them. */
  readonly reads?: readonly number[]
  readonly request?: Json
  /** A whole answer's body, where it is JSON. */
  readonly response?: Json
  readonly responseText?: string
  /** A stream's exact bytes. */
  readonly stream?: Uint8Array
}

/** The cases of a folder of the corpus, such as `ollama` or `openai-compatible` (with its subfolders); none where there is no corpus. */
export function corpusCases(folder: string): readonly CorpusCase[] {
  if (!hasCorpus()) return []
  return caseFolders(join(SHARED, 'fixtures', folder)).map((path) =>
    readCase(path, path.slice(join(SHARED, 'fixtures').length + 1)),
  )
}

function caseFolders(folder: string): readonly string[] {
  if (existsSync(join(folder, 'meta.json'))) return [folder]
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
    .flatMap((name) => caseFolders(join(folder, name)))
}

function readCase(folder: string, name: string): CorpusCase {
  const meta = ObjectReader.of(parseJson(readFileSync(join(folder, 'meta.json'), 'utf8')), 'meta')
  const request = readText(folder, 'request.json')
  const response = readText(folder, 'response.json')
  const stream = ['response.sse', 'response.ndjson']
    .map((file) => join(folder, file))
    .find((file) => existsSync(file))
  const json = response === undefined ? undefined : jsonOrUndefined(response)
  const reads = meta.value('transport_chunk_sizes')
  return {
    name,
    api: meta.string('api'),
    features: meta.optionalStrings('features') ?? [],
    status: meta.optionalNumber('http_status') ?? 200,
    path: meta.optionalObject('request')?.optionalString('path') ?? '',
    model: meta.optionalString('model') ?? '',
    responseHeaders: headersOf(meta.optionalObject('response_headers')?.source),
    ...(isArray(reads) ? { reads: reads.map(Number) } : {}),
    ...(request === undefined ? {} : { request: parseJson(request) }),
    ...(json === undefined ? {} : { response: json }),
    ...(response === undefined ? {} : { responseText: response }),
    ...(stream === undefined ? {} : { stream: new Uint8Array(readFileSync(stream)) }),
  }
}

function readText(folder: string, file: string): string | undefined {
  const path = join(folder, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function jsonOrUndefined(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function headersOf(source: JsonObject | undefined): WireHeaders {
  return Object.fromEntries(
    Object.entries(source ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
}

/** One request that a real client sent. */
export interface CapturedRequest {
  /** `openai-node/chat_stream#0`. */
  readonly name: string
  readonly method: string
  /** With its query, as on the wire. */
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: Json
}

/** Every captured request of every client; none where there is no corpus. */
export function capturedRequests(): readonly CapturedRequest[] {
  if (!hasCorpus()) return []
  const root = join(SHARED, 'clients', 'captures')
  return readdirSync(root)
    .toSorted()
    .flatMap((client) =>
      readdirSync(join(root, client))
        .filter((file) => file.endsWith('.json'))
        .toSorted()
        .flatMap((file) => requestsOf(join(root, client, file), `${client}/${file.slice(0, -5)}`)),
    )
}

function requestsOf(file: string, name: string): readonly CapturedRequest[] {
  const capture = parseJson(readFileSync(file, 'utf8'))
  if (!isObject(capture)) return []
  return (ObjectReader.of(capture, name).optionalItems('requests') ?? []).map((item, at) => {
    const request = ObjectReader.of(item.value, item.path)
    const body = request.value('body')
    return {
      name: `${name}#${at}`,
      method: request.string('method'),
      path: request.string('path'),
      headers: (request.optionalItems('headers') ?? []).map((header) => pairOf(header.value)),
      ...(body === undefined || body === null ? {} : { body }),
    }
  })
}

function pairOf(value: Json): readonly [string, string] {
  return Array.isArray(value) ? [String(value[0]), String(value[1])] : ['', '']
}
