// The scenarios: what a model says in each, turn by turn. The model's name in a request says which one is played.
import type { Answer, Call, Counts, Turn } from './answer.ts'

const COUNTS: Counts = { input: 21, output: 9 }

export const TEXT = 'Hello — 你好 👋.\nIt is "fine" here, isn\'t it?'
export const THOUGHT = 'First I look at it.\nThen I decide.'
export const PERSON = { name: 'Ada "the first"', born: 1815 } as const
export const WEATHER: Call = {
  key: 'aaa01',
  name: 'get_weather',
  input: { city: 'Ålesund "N"', days: 2 },
}
export const BERGEN: Call = {
  key: 'aaa02',
  name: 'get_weather',
  input: { city: 'Bergen', days: 1 },
}
export const CLOCK: Call = { key: 'aaa03', name: 'get_time', input: {} }
export const CACHED: Counts = { input: 2048, output: 12, cached: 1536 }
export const THOUGHTFUL: Counts = { input: 40, output: 90, thinking: 64 }

const says = (answer: Partial<Answer>): Turn => ({
  says: { ending: answer.calls === undefined ? 'stop' : 'tools', counts: COUNTS, ...answer },
})
const done = says({ text: 'It is sunny, at noon.' })
const begun: Answer = { text: 'Once upon a', ending: 'stop', counts: COUNTS }

const NAMES = [
  'text',
  'image',
  'structured',
  'thinking',
  'tools',
  'parallel',
  'steps',
  'thinking-steps',
  'length',
  'filter',
  'cached',
  'invalid',
  'auth',
  'rate-limit',
  'internal',
  'overloaded',
  'broken',
  'endless',
] as const

export type ScenarioName = (typeof NAMES)[number]

export const scenarioNames: readonly ScenarioName[] = NAMES

/** The last turn is also every later one. */
const SCENARIOS: Readonly<Record<ScenarioName, readonly [Turn, ...Turn[]]>> = {
  text: [says({ text: TEXT })],
  image: [says({ text: 'A red dot.' })],
  structured: [says({ text: JSON.stringify(PERSON) })],
  thinking: [says({ thinking: THOUGHT, text: '42', counts: THOUGHTFUL })],
  tools: [says({ text: 'I look it up.', calls: [WEATHER] }), done],
  parallel: [says({ calls: [WEATHER, BERGEN, CLOCK] }), done],
  steps: [says({ calls: [WEATHER] }), says({ calls: [CLOCK] }), done],
  'thinking-steps': [
    says({ thinking: 'The weather first.', calls: [WEATHER, BERGEN], counts: THOUGHTFUL }),
    says({ thinking: 'Then the time.', calls: [CLOCK], counts: THOUGHTFUL }),
    done,
  ],
  length: [says({ text: 'One, two, thr', ending: 'length' })],
  filter: [says({ text: 'Well, ', ending: 'filter' })],
  cached: [says({ text: 'Done.', counts: CACHED })],
  invalid: [{ fails: 'invalid' }],
  auth: [{ fails: 'auth' }],
  'rate-limit': [{ fails: 'rate-limit' }],
  internal: [{ fails: 'internal' }],
  overloaded: [{ fails: 'overloaded' }],
  broken: [{ breaks: begun }],
  endless: [{ hangs: begun }],
}

/** What the model says in its turn `at`, counted from 0. */
export function turnOf(scenario: ScenarioName, at: number): Turn {
  const turns = SCENARIOS[scenario]
  return turns[at] ?? turns.at(-1) ?? turns[0]
}

export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name)
}
