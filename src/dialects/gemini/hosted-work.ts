// Parts and metadata of the vendor's own tools: what they tell of the work, and code that other vendors ran in their form.
import { compact } from '../../canonical/compact.ts'
import type { HostedWork } from '../../canonical/hosted-work.ts'
import type { OpaquePart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { HostedForm, ShownWork } from '../hosted-answer.ts'
import { isWorkId, openWork } from '../hosted-envelope.ts'
import { printSeal, readSeal } from './seals.ts'
import { snakeCase } from './spelling.ts'
import { GEMINI } from './wire-types.ts'

/** `what` is the key that holds the part; undefined for parts that are no work of a tool. */
export function workOf(what: string, part: Json): HostedWork | undefined {
  const inside = isObject(part) ? (part[what] ?? part[snakeCase(what)]) : undefined
  const work = isObject(inside) ? inside : {}
  const id = compact({ id: textIn(work['id']) })
  switch (what) {
    case 'executableCode':
      return {
        tool: 'code-execution',
        phase: 'call',
        ...id,
        ...compact({ code: textIn(work['code']) }),
      }
    case 'codeExecutionResult':
      return { tool: 'code-execution', phase: 'result', ...id, ...outcomeOf(work) }
    case 'toolCall':
      return { tool: toolOf(work), phase: 'call', ...id, ...askedIn(work['args']) }
    case 'toolResponse':
      return { tool: toolOf(work), phase: 'result', ...id }
    default:
      return undefined
  }
}

function outcomeOf({ outcome, output }: JsonObject): Pick<HostedWork, 'output' | 'failed'> {
  const word = textIn(outcome)
  return compact({
    output: textIn(output),
    failed: word === undefined || word === 'OUTCOME_OK' ? undefined : word,
  })
}

function toolOf({ toolType }: JsonObject): HostedWork['tool'] {
  if (typeof toolType !== 'string') return 'other'
  if (toolType.startsWith('GOOGLE_SEARCH')) return 'web-search'
  return toolType.startsWith('URL_CONTEXT') ? 'web-fetch' : 'other'
}

function askedIn(args: Json | undefined): Pick<HostedWork, 'queries'> {
  const { queries, query } = isObject(args) ? args : {}
  const listed = isArray(queries) ? queries : [query]
  const asked = listed.filter((one) => typeof one === 'string')
  return asked.length === 0 ? {} : { queries: asked }
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Work that this wire has shown for another vendor comes back as the vendor's own; undefined for any other part. */
export function returnedWork(part: Json): readonly OpaquePart[] | undefined {
  if (!isObject(part)) return undefined
  const what = SHOWN.find((key) => isWorkId(idIn(part[key])))
  const hosted = what === undefined ? undefined : workOf(what, part)
  if (what === undefined || hosted === undefined) return undefined
  const sealed = textIn(part['thoughtSignature'])
  // The result of a call brings the call back with it.
  if (sealed === undefined && hosted.phase === 'call') return []
  return openWork(readSeal(sealed), { what, native: part, hosted })
}

const SHOWN = ['executableCode', 'codeExecutionResult'] as const

function idIn(value: Json | undefined): Json | undefined {
  return isObject(value) ? value['id'] : undefined
}

export const hostedForm: HostedForm = { dialect: GEMINI, print }

/** A search has no part here: it is told beside the text. */
function print({ work, id, seal }: ShownWork): ReturnType<HostedForm['print']> {
  if (work.tool !== 'code-execution') return []
  const { code = '', output = '', failed, language, phase } = work
  const signed = { thoughtSignature: printSeal(seal) }
  const run = { id, language: language === undefined ? 'PYTHON' : 'LANGUAGE_UNSPECIFIED', code }
  const call = { executableCode: run }
  if (phase === 'call') return [{ what: 'executableCode', native: { ...call, ...signed } }]
  const outcome = failed === undefined ? 'OUTCOME_OK' : 'OUTCOME_FAILED'
  const result = { codeExecutionResult: { id, outcome, output }, ...signed }
  return [
    { what: 'executableCode', native: call },
    { what: 'codeExecutionResult', native: result },
  ]
}
