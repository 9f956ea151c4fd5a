// What Google's Gemini API refuses: unknown names, calls and results that do not pair, missing or altered thought signatures.
import { type Json, type JsonObject, isArray, isObject } from '../../../src/wire/json.ts'
import type { SeenRequest } from '../../fake-upstream.ts'
import { sign } from '../signature.ts'
import {
  base64,
  filled,
  filledString,
  listOrAbsent,
  matching,
  numberWithin,
  object,
  oneOf,
  only,
  refuse,
  string,
  words,
} from '../violation.ts'

const FIELDS = words(`
  contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent
  serviceTier store
`)
const CONFIG_FIELDS = words(`
  temperature topP topK maxOutputTokens stopSequences candidateCount seed presencePenalty
  frequencyPenalty responseLogprobs logprobs responseMimeType responseSchema
  responseJsonSchema responseFormat responseModalities speechConfig imageConfig
  mediaResolution thinkingConfig
`)
const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/
const PATH =
  /^\/v1(?:beta)?\/models\/(?<model>[^/:?]+):(?:generateContent|streamGenerateContent\?alt=sse)$/

/** What stands for the signature of a call that was made elsewhere. */
const SENTINEL = 'skip_thought_signature_validator'

export function geminiModel(path: string): string | undefined {
  return PATH.exec(path)?.groups?.['model']
}

export function checkGemini(request: SeenRequest): void {
  if (request.headers['x-goog-api-key'] === undefined) refuse('x-goog-api-key', 'missing')
  const model = geminiModel(request.path) ?? refuse('path', `not found: ${request.path}`)
  const body = object(request.json, 'body')
  only(body, '', FIELDS)
  if (body['systemInstruction'] !== undefined) {
    const system = object(body['systemInstruction'], 'systemInstruction')
    for (const part of filled(system['parts'], 'systemInstruction.parts')) {
      filledString(object(part, 'systemInstruction.parts')['text'], 'systemInstruction.parts.text')
    }
  }
  checkTools(body)
  if (body['generationConfig'] !== undefined)
    checkConfig(object(body['generationConfig'], 'generationConfig'))
  const turns = merged(filled(body['contents'], 'contents').map((value, at) => turnOf(value, at)))
  checkPairs(turns)
  if (/gemini-3/.test(model)) checkSignatures(turns)
}

interface Turn {
  readonly role: string
  readonly parts: readonly JsonObject[]
  readonly path: string
}

function turnOf(value: Json, at: number): Turn {
  const path = `contents[${at}]`
  const content = object(value, path)
  only(content, path, ['role', 'parts'])
  const role =
    content['role'] === undefined
      ? 'user'
      : oneOf(content['role'], `${path}.role`, ['user', 'model', 'function'])
  const parts = filled(content['parts'], `${path}.parts`).map((part, index) => {
    const here = `${path}.parts[${index}]`
    checkPart(object(part, here), here)
    return object(part, here)
  })
  // One library puts a signature on another call of the same turn; the vendor looks at the turn.
  const sound = new Set([SENTINEL, ...parts.map((part) => signatureOf(part))])
  for (const { thoughtSignature: signature } of parts) {
    if (signature !== undefined && !sound.has(String(signature))) {
      refuse(`${path}.thoughtSignature`, 'Corrupted thought signature.')
    }
  }
  return { role, parts, path }
}

/** Contents of one role that follow one another count as one: the SDK's own chat sends each chunk as a content. */
function merged(turns: readonly Turn[]): readonly Turn[] {
  const found: Turn[] = []
  for (const turn of turns) {
    const before = found.at(-1)
    if (before?.role !== turn.role) found.push(turn)
    else found[found.length - 1] = { ...before, parts: [...before.parts, ...turn.parts] }
  }
  return found
}

const DATA = words(`
  text inlineData fileData functionCall functionResponse executableCode codeExecutionResult
  toolCall toolResponse
`)

function checkPart(part: JsonObject, path: string): void {
  only(part, path, [
    ...DATA,
    'thought',
    'thoughtSignature',
    'videoMetadata',
    'mediaResolution',
    'partMetadata',
  ])
  const data = DATA.filter((key) => Object.hasOwn(part, key))
  if (data.length !== 1)
    refuse(`${path}.data`, 'required oneof field must have one initialized field')
  if (part['inlineData'] !== undefined) {
    const inline = object(part['inlineData'], `${path}.inlineData`)
    only(inline, `${path}.inlineData`, ['mimeType', 'data', 'displayName'])
    matching(inline['mimeType'], `${path}.inlineData.mimeType`, /^[a-z]+\/[\w.+-]+$/)
    base64(inline['data'], `${path}.inlineData.data`)
  }
  if (part['functionCall'] !== undefined) {
    const call = object(part['functionCall'], `${path}.functionCall`)
    only(call, `${path}.functionCall`, ['name', 'args', 'id'])
    matching(call['name'], `${path}.functionCall.name`, NAME)
    if (call['args'] !== undefined) object(call['args'], `${path}.functionCall.args`)
  }
  if (part['functionResponse'] !== undefined) {
    const response = object(part['functionResponse'], `${path}.functionResponse`)
    only(response, `${path}.functionResponse`, [
      'name',
      'response',
      'id',
      'parts',
      'scheduling',
      'willContinue',
    ])
    matching(response['name'], `${path}.functionResponse.name`, NAME)
    object(response['response'], `${path}.functionResponse.response`)
  }
}

/** What the vendor of these tests signs a part with. */
export function signatureOf(part: JsonObject): string {
  const call = part['functionCall']
  const signed = isObject(call)
    ? `${String(call['name'])} ${JSON.stringify(call['args'] ?? {})}`
    : String(part['text'])
  return sign('google', signed)
}

function kinds(turn: Turn | undefined, kind: string): readonly JsonObject[] {
  return (turn?.parts ?? []).flatMap((part) => (isObject(part[kind]) ? [part[kind]] : []))
}

/** N calls of a turn are followed by N results, and by nothing else. */
function checkPairs(turns: readonly Turn[]): void {
  if (turns[0]?.role === 'model') refuse('contents', 'must begin with a user turn')
  for (const [at, turn] of turns.entries()) {
    const calls = kinds(turn, 'functionCall')
    const results = kinds(turn, 'functionResponse')
    const previous = turns[at - 1]
    if (calls.length > 0 && previous?.role === 'model') {
      refuse(
        turn.path,
        'a function call turn must come immediately after a user turn or after a function response turn',
      )
    }
    const asked = kinds(previous, 'functionCall')
    if (asked.length !== results.length) {
      refuse(
        turn.path,
        'the number of function response parts must equal the number of function call parts of the function call turn',
      )
    }
    for (const [index, result] of results.entries()) {
      const call = asked.find(({ id }) => id !== undefined && id === result['id']) ?? asked[index]
      if (call?.['name'] !== result['name']) {
        refuse(
          `${turn.path}.parts[${index}]`,
          `no call of ${String(result['name'])} waits for a response`,
        )
      }
    }
  }
  if (kinds(turns.at(-1), 'functionCall').length > 0)
    refuse('contents', 'ends in calls without responses')
}

/** Every step of the turn that goes on carries the signature of its first call. */
function checkSignatures(turns: readonly Turn[]): void {
  const question = turns.findLastIndex(
    (turn) => turn.role !== 'model' && kinds(turn, 'functionResponse').length === 0,
  )
  for (const turn of turns.slice(question + 1)) {
    const first = turn.parts.find((part) => part['functionCall'] !== undefined)
    if (first !== undefined && first['thoughtSignature'] === undefined) {
      const name = string(object(first['functionCall'], turn.path)['name'], turn.path)
      refuse(
        turn.path,
        `Function call is missing a thought_signature in functionCall parts: ${name}`,
      )
    }
  }
}

function checkTools(body: JsonObject): void {
  for (const [at, item] of listOrAbsent(body['tools'], 'tools').entries()) {
    const tool = object(item, `tools[${at}]`)
    if (tool['functionDeclarations'] === undefined) continue
    const path = `tools[${at}].functionDeclarations`
    for (const [index, value] of filled(tool['functionDeclarations'], path).entries()) {
      const here = `${path}[${index}]`
      const declaration = object(value, here)
      only(declaration, here, [
        'name',
        'description',
        'parameters',
        'parametersJsonSchema',
        'response',
        'responseJsonSchema',
        'behavior',
      ])
      matching(declaration['name'], `${here}.name`, NAME)
      string(declaration['description'], `${here}.description`)
    }
  }
  if (body['toolConfig'] === undefined) return
  const config = object(body['toolConfig'], 'toolConfig')['functionCallingConfig']
  if (config === undefined) return
  const path = 'toolConfig.functionCallingConfig'
  oneOf(object(config, path)['mode'], `${path}.mode`, ['AUTO', 'ANY', 'NONE', 'VALIDATED'])
}

function checkConfig(config: JsonObject): void {
  const path = 'generationConfig'
  only(config, path, CONFIG_FIELDS)
  numberWithin(config['temperature'], `${path}.temperature`, { min: 0, max: 2 })
  numberWithin(config['maxOutputTokens'], `${path}.maxOutputTokens`, { min: 1, max: 65_536 })
  const { stopSequences: stops = [] } = config
  if (!isArray(stops) || stops.length > 5) refuse(`${path}.stopSequences`, 'at most 5')
  const schemas = [config['responseSchema'], config['responseJsonSchema']].filter(
    (schema) => schema !== undefined,
  )
  if (schemas.length > 1) refuse(path, 'responseSchema and responseJsonSchema exclude each other')
  if (schemas.length > 0 && config['responseMimeType'] !== 'application/json') {
    refuse(`${path}.responseMimeType`, 'a schema needs application/json')
  }
  if (config['thinkingConfig'] === undefined) return
  const thinking = object(config['thinkingConfig'], `${path}.thinkingConfig`)
  only(thinking, `${path}.thinkingConfig`, ['includeThoughts', 'thinkingBudget', 'thinkingLevel'])
  if (thinking['thinkingBudget'] !== undefined && thinking['thinkingLevel'] !== undefined) {
    refuse(
      `${path}.thinkingConfig`,
      'You can only set only one of thinking budget and thinking level.',
    )
  }
}
