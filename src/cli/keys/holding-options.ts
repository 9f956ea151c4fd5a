// The options by which keys and teams are said what they may do, and the words of the API for them.
import type { Command } from 'commander'
import { compact } from '../../canonical/compact.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { CommandFailure, EXIT } from '../exit.ts'

export interface HoldingOptions {
  readonly model?: readonly string[]
  readonly provider?: readonly string[]
  readonly endpoint?: readonly string[]
  readonly policy?: readonly string[]
  readonly cidr?: readonly string[]
  readonly requestsPerMinute?: string
  readonly requestsPerDay?: string
  readonly tokensPerMinute?: string
  readonly tokensPerDay?: string
  readonly concurrency?: string
  readonly budget?: readonly string[]
  readonly tag?: readonly string[]
}

export function withHolding(command: Command): Command {
  return command
    .option('--model <patterns...>', 'provider/model, with * at the end for any rest; all: any')
    .option('--provider <names...>', 'providers that it may use; all: any')
    .option('--endpoint <names...>', 'what it is for: chat, embeddings, ...; all: anything')
    .option('--policy <names...>', 'policies of translation that it may use; all: any')
    .option('--cidr <networks...>', 'where it may be used from; all: anywhere')
    .option('--requests-per-minute <number>', 'how many calls in a minute')
    .option('--requests-per-day <number>', 'how many calls in a day')
    .option('--tokens-per-minute <number>', 'how many tokens in a minute')
    .option('--tokens-per-day <number>', 'how many tokens in a day')
    .option('--concurrency <number>', 'how many calls at once')
    .option(
      '--budget <budgets...>',
      'US dollars for a period: 12.50/month, or 5/day:soft; none: no budget',
    )
    .option('--tag <tags...>', 'what usage is grouped by: project=atlas')
}

/** What of it is said; nothing of what is not. */
export function holdingBody(options: HoldingOptions): JsonObject {
  return compact({
    models: listOf(options.model),
    providers: listOf(options.provider),
    endpoints: listOf(options.endpoint),
    policies: listOf(options.policy),
    cidrs: listOf(options.cidr),
    limits: limitsOf(options),
    budget: options.budget === undefined ? undefined : budgetsOf(options.budget),
    tags: options.tag === undefined ? undefined : pairsOf(options.tag),
  })
}

function listOf(said: readonly string[] | undefined): Json | undefined {
  const words = said?.flatMap((one) => one.split(',')).map((one) => one.trim())
  return words?.length === 1 && words[0] === 'all' ? null : words
}

function limitsOf(options: HoldingOptions): JsonObject | undefined {
  const { requestsPerMinute, requestsPerDay, tokensPerMinute, tokensPerDay } = options
  const limits = compact({
    requests: rateOf(requestsPerMinute, requestsPerDay),
    tokens: rateOf(tokensPerMinute, tokensPerDay),
    concurrency: numberOf(options.concurrency),
  })
  return Object.keys(limits).length === 0 ? undefined : limits
}

function rateOf(perMinute: string | undefined, perDay: string | undefined): JsonObject | undefined {
  if (perMinute === undefined && perDay === undefined) return undefined
  return compact({ per_minute: numberOf(perMinute), per_day: numberOf(perDay) })
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw wrong(`"${text}" must be a whole number.`)
}

function budgetsOf(said: readonly string[]): readonly JsonObject[] {
  if (said.length === 1 && said[0] === 'none') return []
  return said.map((text) => {
    const [, usd, period, soft] = /^(\d+(?:\.\d+)?)\/(\w+)(:soft)?$/.exec(text) ?? []
    if (usd === undefined || period === undefined) {
      throw wrong(`The budget "${text}" must look like 12.50/month or 5/day:soft.`)
    }
    return { usd, period, hard: soft === undefined }
  })
}

/** `a=b`, each. */
function pairsOf(said: readonly string[]): JsonObject {
  return Object.fromEntries(
    said.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw wrong(`The tag "${text}" must look like project=atlas.`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

function wrong(message: string): CommandFailure {
  return new CommandFailure(message, { code: EXIT.usage })
}
