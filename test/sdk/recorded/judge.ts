// What one client must see of one recording, and what it may not see for a reason that is written down: both are counted.
import { equalJson, isObject } from '../../../src/wire/json.ts'
import type { Recording, Way } from '../../replay/recorded/recording.ts'
import type { Answer, Status, Told } from '../../replay/recorded/told.ts'
import type { Client, ClientKind, Mode, Reply } from '../clients/client.ts'
import { documented } from './documented.ts'

export interface Case {
  readonly one: Recording
  readonly kind: ClientKind
  readonly client: Client
  /** Of the client. */
  readonly protocol: string
  readonly mode: Mode
  readonly way: Way
}

export type Outcome = { readonly reply: Reply } | { readonly thrown: unknown }

/** How a client's answer is compared, thing by thing: `excuse` says why one is not. */
export interface Scale {
  check(what: string, got: unknown, wanted: unknown): void
  excuse(what: string, why: string): void
}

export interface Trial extends Case {
  readonly scale: Scale
}

export function judge(outcome: Outcome, told: Told, at: Trial): void {
  const { scale } = at
  switch (told.kind) {
    case 'answered':
      if ('reply' in outcome) return judgeAnswer(outcome.reply, told.answer, at)
      return scale.check('an answer', `threw ${wordsOf(outcome.thrown, at)}`, 'answered')
    case 'refused':
      if ('thrown' in outcome) return judgeRefusal(outcome.thrown, told, at)
      return scale.check('a refusal', 'no error', 'an error')
    case 'broke':
      if ('thrown' in outcome) return judgeBreak(outcome.thrown, told.words, at)
      if (at.kind.blind?.includes('breaks') === true) {
        const { finish } = outcome.reply
        return scale.check('no clean stop', finish === at.kind.words.stop, false)
      }
      return scale.check('a break', 'no error', 'an error')
  }
}

function wordsOf(thrown: unknown, { client }: Case): string {
  return client.failure(thrown).message
}

/** The host's own words and counts reach the client. */
function isOwn({ one, protocol }: Case): boolean {
  return one.protocol === protocol
}

function judgeAnswer(reply: Reply, answer: Answer, at: Trial): void {
  const { kind, scale } = at
  const { blind = [] } = kind
  scale.check('text', reply.text, textFor(answer, at))
  if (answer.refusal !== '' && reply.refusal !== undefined) {
    scale.check('refusal', reply.refusal, answer.refusal)
  }
  if (answer.thinking === '') scale.check('no thinking made up', reply.thinking, '')
  else if (blind.includes('thinking')) scale.excuse('thinking', 'declared')
  else scale.check('thinking', reply.thinking, answer.thinking)
  judgeCalls(reply, answer, at)
  if (answer.ending === 'tools' && answer.calls.length === 0 && !isOwn(at)) {
    scale.excuse('finish', 'a search for tools that its client is to make has no words elsewhere')
  } else scale.check('finish', reply.finish, wordFor(answer, at))
  judgeCounts(reply, answer, at)
}

function judgeCalls(reply: Reply, { calls }: Answer, at: Trial): void {
  const { scale } = at
  const names = calls.map(({ name }) => name)
  const seen = reply.calls.map(({ name }) => name)
  scale.check(names.length === 0 ? 'no calls made up' : 'calls', seen, names)
  for (const [index, { input }] of calls.entries()) {
    const got = reply.calls[index]?.input ?? null
    if (!isObject(input) && !TEXTS.has(at.protocol)) {
      scale.excuse('arguments that break off', 'the protocol has a place for objects only')
    } else scale.check('arguments', equalJson(got, input) ? input : got, input)
  }
}

/** Protocols whose arguments are texts. */
const TEXTS = new Set(['openai-chat', 'openai-responses', 'mistral-chat'])

function judgeCounts({ usage }: Reply, answer: Answer, at: Trial): void {
  const { kind, scale } = at
  const { blind = [] } = kind
  const { own } = answer
  const told = isOwn(at) ? { ...answer.usage, output: own.output } : answer.usage
  for (const what of ['input', 'output', 'cached'] as const) {
    const shown = usage[what] ?? 0
    const count = told[what]
    const isLost = at.mode === 'stream' && blind.includes('stream-counts')
    // What nobody counted is shown as nothing, or as 0 where the protocol wants a number.
    if (isLost) scale.excuse(`${what} tokens`, 'declared')
    else if (count === undefined) scale.check(`no ${what} tokens made up`, Math.max(0, shown), 0)
    else if (what === 'cached' && blind.includes('cached')) {
      if (count > 0) scale.excuse('cached tokens', 'declared')
    } else scale.check(`${what} tokens`, shown, count)
  }
}

/** What has no place of its own stands in the text, where docs/matrix.md says so. */
function textFor({ text, refusal, sound }: Answer, { one, protocol }: Case): string {
  const merged = (words: string, feature: string): string =>
    words !== '' && documented(protocol, one.protocol, feature) === '◐' ? words : ''
  return text + merged(refusal, 'refusals') + merged(sound, 'audio out')
}

function wordFor(answer: Answer, at: Trial): string {
  const { ending, own } = answer
  const { words } = at.kind
  // A library with words of its own for ends translates them.
  const isKept =
    isOwn(at) && (at.way === 'passed' || own.isItsEnding) && words.tools !== 'tool-calls'
  if (isKept && at.protocol !== 'openai-responses' && own.finish !== undefined) return own.finish
  switch (ending) {
    case 'length':
      return words.length
    case 'tools':
      return words.tools
    case 'filter':
      return words.filter
    case 'refusal':
      return at.protocol === 'anthropic-messages' ? words.filter : words.stop
    case 'stop':
    case 'stop-sequence':
    case 'pause':
    case 'malformed':
    case 'other':
      return words.stop
  }
}

function judgeRefusal(
  thrown: unknown,
  { status, words }: Extract<Told, { kind: 'refused' }>,
  at: Trial,
): void {
  const { kind, client, scale } = at
  const failure = client.failure(thrown)
  scale.check('its own class of errors', failure.native, true)
  scale.check('status', failure.status, statusFor(status, at))
  scale.check('no key', /canary/.test(failure.message), false)
  const { blind = [] } = kind
  if (words === undefined) return
  if (blind.includes('refusals')) scale.excuse('words of a refusal', 'declared')
  else scale.check('words of a refusal', said(words, failure.message), words)
}

/** By the table of the canonical model, §11. */
function statusFor(status: Status, { kind }: Case): number {
  return status === 'busy' ? kind.busy : status
}

/** Some libraries show the answer's JSON, in which quotes are escaped. */
function said(words: string, message: string): string {
  const escaped = JSON.stringify(words).slice(1, -1)
  return [words, escaped, JSON.stringify(escaped).slice(1, -1)].some((one) => message.includes(one))
    ? words
    : message
}

function judgeBreak(thrown: unknown, words: string | undefined, at: Trial): void {
  const { kind, scale } = at
  const { blind = [] } = kind
  const message = wordsOf(thrown, at)
  scale.check('a break', 'an error', 'an error')
  if (words === undefined) return
  if (blind.includes('broken') || blind.includes('refusals'))
    scale.excuse('words of a break', 'declared')
  else scale.check('words of a break', said(words, message), words)
}
