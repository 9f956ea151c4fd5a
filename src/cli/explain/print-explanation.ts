// An explanation for people: who is asked and why, what is sent, what is lost, what it costs.
import { type Json, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { standingText } from '../standing-text.ts'
import { table } from '../terminal.ts'

/** Longer texts inside a body, such as images, are cut for the eye. */
const SHOWN_TEXT = 200

export function explanationText(json: Json): string {
  const answer = ObjectReader.of(json, '')
  const blocks = [
    headText(answer),
    routeText(answer),
    requestText(answer),
    notesText(answer),
    costText(answer),
    refusalText(answer),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function headText(answer: ObjectReader): string {
  const model = answer.optionalObject('model')
  const unlisted = answer.value('unlisted')
  const lists = isArray(unlisted) ? unlisted.map((name) => JSON.stringify(name)).join(', ') : ''
  return rows([
    ['protocol', answer.string('protocol')],
    [
      'target',
      model === undefined ? 'none' : `${model.string('provider')}/${model.string('model')}`,
    ],
    ['why', model?.string('why')],
    [
      'unlisted',
      lists === '' ? undefined : `A call would first have asked for the list of: ${lists}.`,
    ],
    ['lane', answer.optionalString('lane')],
    ['asked in', askedInText(answer)],
    ['policy', policyText(answer)],
  ])
}

function routeText(answer: ObjectReader): string {
  const route = answer.optionalObject('route')
  if (route === undefined) return ''
  const order = route.items('order').map(({ value, path }, at) => {
    const one = ObjectReader.of(value, path)
    const name = `${one.string('provider')}/${one.string('model')}`
    return [String(at + 1), name, standingText(one)]
  })
  const left = route.items('left').map(({ value, path }) => {
    const one = ObjectReader.of(value, path)
    return ['-', one.string('model'), one.string('reason')]
  })
  const head = `Route ${route.string('name')} (${route.string('strategy')}):`
  return `${head}\n${table([...order, ...left])}`
}

const REASONS: Readonly<Record<string, string>> = {
  only: 'the only protocol of this provider',
  untouched: 'the request passes in it as it is',
  'least-loss': 'the others lose more',
  preferred: 'the others lose as much',
}

function askedInText(answer: ObjectReader): string | undefined {
  const reason = answer.optionalString('protocol_reason')
  const protocol = answer.optionalObject('request')?.optionalString('protocol')
  if (reason === undefined || protocol === undefined) return undefined
  const others = answer.value('other_protocols')
  const lost = (isArray(others) ? others : []).map((value) => {
    const other = ObjectReader.of(value, 'other_protocols')
    return `${other.string('protocol')}: ${other.string('notes') || 'nothing'}`
  })
  const why = REASONS[reason] ?? reason
  return `${protocol}, ${why}${lost.length === 0 ? '' : `  (${lost.join(', ')})`}`
}

function policyText(answer: ObjectReader): string | undefined {
  const policy = answer.optionalString('policy')
  const verdicts = answer.optionalObject('verdicts')
  if (policy === undefined || verdicts === undefined) return undefined
  const all = Object.keys(verdicts.source).map((name) => `${name}: ${verdicts.string(name)}`)
  return `${policy}  (${all.join(', ')})`
}

function requestText(answer: ObjectReader): string {
  const request = answer.optionalObject('request')
  if (request === undefined) return ''
  const inner = request.value('given')
  if (inner !== undefined) return `Given to the provider in this process:\n${pretty(inner)}`
  const place = request.optionalString('url') ?? request.string('path')
  const given = request.object('headers')
  const headers = Object.keys(given.source).map((name) => `${name}: ${given.string(name)}`)
  const line = `${request.string('method')} ${place}  (${request.string('protocol')})`
  const body = request.value('body')
  return [line, ...headers, ...(body === undefined ? [] : ['', pretty(body)])].join('\n')
}

function pretty(value: Json): string {
  return JSON.stringify(
    value,
    (_, entry: unknown) =>
      typeof entry === 'string' && entry.length > SHOWN_TEXT
        ? `${entry.slice(0, SHOWN_TEXT)}... (${entry.length} characters)`
        : entry,
    2,
  )
}

function notesText(answer: ObjectReader): string {
  const notes = answer.value('notes')
  if (!isArray(notes) || notes.length === 0) return ''
  const entries = notes.map((value) => {
    const note = ObjectReader.of(value, 'notes')
    const verdicts = note.object('verdicts')
    return [
      String(note.number('weight')),
      note.string('action'),
      note.string('feature'),
      verdicts.string('lenient'),
      verdicts.string('default'),
      verdicts.string('strict'),
      `${note.string('path')}: ${note.string('reason')}`,
    ]
  })
  return table([
    ['WEIGHT', 'WHAT', 'OF', 'LENIENT', 'DEFAULT', 'STRICT', 'WHERE AND WHY'],
    ...entries,
  ])
}

function costText(answer: ObjectReader): string {
  const tokens = answer.optionalObject('tokens')
  const price = answer.optionalObject('price')
  if (tokens === undefined || price === undefined) return ''
  const input = `${tokens.value('exact') === true ? '' : 'about '}${tokens.number('input')} in`
  const most = tokens.optionalNumber('max_output')
  const limit = most === undefined ? 'no limit out' : `at most ${most} out`
  return rows([
    ['tokens', `${input}, ${limit}`],
    ['price', priceText(price)],
    ['cost', amountText(price)],
    ['budgets', budgetsText(answer.optionalObject('reservation'))],
  ])
}

/** What would be held of which budgets. */
function budgetsText(reservation: ObjectReader | undefined): string | undefined {
  if (reservation === undefined) return undefined
  const usd = reservation.optionalString('usd')
  const budgets = reservation.items('budgets').map(({ value, path }) => {
    const budget = ObjectReader.of(value, path)
    const left = budget.optionalString('limit_usd')
    const of = left === undefined ? '' : ` of $${left}`
    const room = budget.value('fits') === true ? 'has room' : 'has no room'
    return `${budget.string('id')}${of} per ${budget.string('period')} ${room}`
  })
  return `${usd === undefined ? 'nobody knows the price' : `$${usd} held`}  (${budgets.join('; ')})`
}

function priceText(price: ObjectReader): string {
  const source = price.string('source')
  if (source === 'unknown') return 'unknown'
  if (source === 'free') return 'free: it runs on a machine of your own'
  const rates = price.object('per_million')
  const of = (name: string): string => {
    const rate = rates.optionalNumber(name)
    return rate === undefined ? '?' : `$${rate}`
  }
  const where =
    source === 'config' ? 'your configuration' : (price.optionalString('name') ?? source)
  return `${of('input')} in, ${of('output')} out for a million tokens  (${where})`
}

function amountText(price: ObjectReader): string | undefined {
  const input = price.optionalString('input_usd')
  const worst = price.optionalString('worst_usd')
  if (input === undefined) return undefined
  return worst === undefined
    ? `$${input} for the input`
    : `$${input} for the input, at most $${worst}`
}

function refusalText(answer: ObjectReader): string {
  const refusal = answer.optionalObject('refusal')
  if (refusal === undefined) return ''
  const body = refusal.value('body')
  return `Refused with status ${refusal.number('status')}:\n${body === undefined ? '' : pretty(body)}`
}

/** Whether the request would be refused. */
export function isRefused(json: Json): boolean {
  return isObject(json) && json['refusal'] !== undefined
}

function rows(entries: readonly (readonly [string, string | undefined])[]): string {
  return table(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
