// An upstream that plays the scenario which a request's model names, after it has checked the request as its vendor would.
import { type FakeUpstream, type ScriptedReply, openUpstream } from '../fake-upstream.ts'
import type { Turn } from './answer.ts'
import { type ScenarioName, isScenario, scenarioNames, turnOf } from './scenarios.ts'
import type { Facts, Vendor } from './vendor.ts'
import { Violation } from './violation.ts'

export interface Replay extends AsyncDisposable {
  readonly vendor: Vendor
  readonly upstream: FakeUpstream
  /** What the gateway's requests were refused for, so far. */
  readonly violations: readonly string[]
  /** What the last request said. */
  readonly last: () => Facts | undefined
  /** The gateway's name for the model that plays a scenario. */
  readonly model: (scenario: ScenarioName) => string
}

export async function openReplay(vendor: Vendor): Promise<Replay> {
  const upstream = await openUpstream()
  const violations: string[] = []
  let last: Facts | undefined
  upstream.answer((request) => {
    if (request.method === 'GET' && request.path.startsWith(vendor.modelsPath)) {
      return { chunks: [JSON.stringify(vendor.models(modelNames(vendor)))] }
    }
    try {
      vendor.check(request)
      last = vendor.facts(request)
      return played(vendor, last)
    } catch (error) {
      const violation = error instanceof Violation ? error : new Violation('', String(error))
      violations.push(violation.message)
      return vendor.violation(violation)
    }
  })
  const { name } = vendor.provider(upstream.url)
  return {
    vendor,
    upstream,
    violations,
    last: () => last,
    model: (scenario) => `${name}/${modelName(vendor, scenario)}`,
    [Symbol.asyncDispose]: () => upstream.close(),
  }
}

function modelName({ family }: Vendor, scenario: ScenarioName): string {
  return `${family}-play-${scenario}`
}

function modelNames(vendor: Vendor): readonly string[] {
  return scenarioNames.map((name) => modelName(vendor, name))
}

function played(vendor: Vendor, facts: Facts): ScriptedReply {
  const scenario = /-play-(?<name>[a-z-]+)$/.exec(facts.model)?.groups?.['name'] ?? ''
  if (!isScenario(scenario)) throw new Violation('model', `no scenario: ${facts.model}`)
  const turn = turnOf(scenario, facts.turn)
  if ('fails' in turn) return vendor.failure(turn.fails)
  if (!facts.stream) return { chunks: [JSON.stringify(vendor.whole(answerOf(turn), facts.model))] }
  return { headers: { 'content-type': vendor.contentType }, ...streamed(vendor, turn, facts.model) }
}

function answerOf(
  turn: Exclude<Turn, { readonly fails: unknown }>,
): Parameters<Vendor['whole']>[0] {
  if ('says' in turn) return turn.says
  return 'breaks' in turn ? turn.breaks : turn.hangs
}

function streamed(
  vendor: Vendor,
  turn: Exclude<Turn, { readonly fails: unknown }>,
  model: string,
): Pick<ScriptedReply, 'chunks' | 'ending'> {
  if ('says' in turn) return { chunks: vendor.stream(turn.says, model) }
  if ('breaks' in turn) return { chunks: vendor.broken(turn.breaks, model) }
  return { chunks: vendor.begun(turn.hangs, model), ending: 'stall' }
}
