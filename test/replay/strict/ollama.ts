// What Ollama's server refuses: it reads a request into typed Go structures, so that a wrong type is a 400 and an unknown name is nothing.
import { type Json, type JsonObject, isArray, isObject } from '../../../src/wire/json.ts'
import type { SeenRequest } from '../../fake-upstream.ts'
import { base64, filledString, object, oneOf, refuse, string, words } from '../violation.ts'

const NUMBERS = words(`
  temperature top_p top_k min_p num_predict seed num_ctx presence_penalty frequency_penalty
  repeat_penalty repeat_last_n
`)

export function checkOllama(request: SeenRequest): void {
  const body = object(request.json, 'body')
  filledString(body['model'], 'model')
  // The server's default is to stream: whoever leaves it out gets what it did not expect.
  if (typeof body['stream'] !== 'boolean') refuse('stream', 'say whether to stream')
  const { think, format, options } = body
  if (think !== undefined && typeof think !== 'boolean') {
    oneOf(think, 'think', ['low', 'medium', 'high', 'max'])
  }
  if (format !== undefined && format !== 'json' && !isObject(format)) {
    refuse('format', 'invalid format: expected "json" or a JSON schema')
  }
  checkOptions(options)
  for (const [at, tool] of goList(body['tools'], 'tools').entries()) checkTool(tool, `tools[${at}]`)
  for (const [at, message] of goList(body['messages'], 'messages').entries()) {
    checkMessage(object(message, `messages[${at}]`), `messages[${at}]`)
  }
}

/** Null and absent are an empty list, as in Go. */
function goList(value: Json | undefined, path: string): readonly Json[] {
  if (value === undefined || value === null) return []
  return isArray(value) ? value : refuse(path, 'cannot unmarshal into a Go slice')
}

function checkOptions(value: Json | undefined): void {
  if (value === undefined || value === null) return
  const options = object(value, 'options')
  for (const name of NUMBERS) {
    if (options[name] !== undefined && typeof options[name] !== 'number') {
      refuse(`options.${name}`, `option "${name}" must be of type float32`)
    }
  }
  for (const stop of goList(options['stop'], 'options.stop')) string(stop, 'options.stop')
}

function checkTool(value: Json, path: string): void {
  const inner = object(object(value, path)['function'], `${path}.function`)
  filledString(inner['name'], `${path}.function.name`)
  const parameters = object(inner['parameters'], `${path}.function.parameters`)
  string(parameters['type'], `${path}.function.parameters.type`)
  for (const name of goList(parameters['required'], `${path}.function.parameters.required`)) {
    string(name, `${path}.function.parameters.required`)
  }
}

function checkMessage(message: JsonObject, path: string): void {
  oneOf(message['role'], `${path}.role`, ['system', 'user', 'assistant', 'tool'])
  if (message['content'] !== undefined) string(message['content'], `${path}.content`)
  if (message['thinking'] !== undefined) string(message['thinking'], `${path}.thinking`)
  for (const [at, image] of goList(message['images'], `${path}.images`).entries()) {
    base64(image, `${path}.images[${at}]`)
  }
  for (const [at, value] of goList(message['tool_calls'], `${path}.tool_calls`).entries()) {
    const here = `${path}.tool_calls[${at}].function`
    const inner = object(object(value, here)['function'], here)
    filledString(inner['name'], `${here}.name`)
    object(inner['arguments'], `${here}.arguments`)
  }
}
