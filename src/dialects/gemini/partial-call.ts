// A call whose arguments come in pieces, as the vendor's cloud streams them when asked: gathered until it is whole.
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

/** Deeper and longer than any schema asks for; a hostile stream could ask for more. */
const MAX_STEPS = 64
const MAX_ITEMS = 10_000

type Step = string | number

/** Gathers `{functionCall: {name, willContinue}}`, `{functionCall: {partialArgs, willContinue}}` … until one that does not go on. */
export class PartialCall {
  #part: JsonObject | undefined
  #call: JsonObject = {}
  #args: Json = {}

  /** What a part stands for: itself when it is whole, nothing while it goes on, the gathered call when it has ended. */
  take(part: Json): Json | undefined {
    const call = isObject(part) ? part['functionCall'] : undefined
    if (!isObject(part) || !isObject(call)) return part
    const { partialArgs, willContinue, ...rest } = call
    const piece = partialArgs !== undefined || willContinue === true
    if (this.#part === undefined && !piece) return part
    this.#part = { ...part, ...this.#part }
    this.#call = { ...rest, ...this.#call }
    for (const argument of isArray(partialArgs) ? partialArgs : []) this.#add(argument)
    if (willContinue === true) return undefined
    return this.rest()
  }

  /** What had come of a call that nobody ended. */
  rest(): Json | undefined {
    if (this.#part === undefined) return undefined
    const whole = { ...this.#part, functionCall: { ...this.#call, args: this.#args } }
    this.#part = undefined
    this.#call = {}
    this.#args = {}
    return whole
  }

  #add(argument: Json): void {
    if (!isObject(argument)) return
    const { jsonPath } = argument
    const steps = typeof jsonPath === 'string' ? stepsOf(jsonPath) : undefined
    const value = valueOf(argument)
    if (steps === undefined || value === undefined) return
    this.#args = placed(this.#args, steps, value)
  }
}

function valueOf(argument: JsonObject): Json | undefined {
  if ('nullValue' in argument) return null
  return argument['stringValue'] ?? argument['numberValue'] ?? argument['boolValue']
}

/** `$.recipe.steps[9]` and `$['odd key']`; undefined for anything beyond. */
function stepsOf(path: string): readonly Step[] | undefined {
  const step = /\.(?<name>[^.[\]]+)|\[(?<index>\d+)\]|\['(?<quoted>[^']*)'\]/g
  const found = [...path.matchAll(step)]
  const whole = `$${found.map(([text]) => text).join('')}` === path
  if (!whole || found.length === 0 || found.length > MAX_STEPS) return undefined
  return found.map(({ groups = {} }) =>
    groups['index'] === undefined
      ? (groups['name'] ?? groups['quoted'] ?? '')
      : Number(groups['index']),
  )
}

/** Text is added to the text that is there already; anything else takes its place. */
function placed(tree: Json | undefined, steps: readonly Step[], value: Json): Json {
  const [step, ...others] = steps
  if (step === undefined) {
    return typeof tree === 'string' && typeof value === 'string' ? tree + value : value
  }
  if (typeof step === 'number') {
    const list = isArray(tree) ? tree : []
    if (step > list.length || step >= MAX_ITEMS) return list
    return list.toSpliced(step, 1, placed(list[step], others, value))
  }
  const object = isObject(tree) ? tree : {}
  const before = Object.hasOwn(object, step) ? object[step] : undefined
  return { ...object, [step]: placed(before, others, value) }
}
