// A key or a team, in lines for people.
import { ObjectReader } from '../../wire/json.ts'

const SCOPES = ['models', 'providers', 'endpoints', 'policies', 'cidrs'] as const

/** What it may use, and how much of it: a name and a text a line. */
export function holdingRows(reader: ObjectReader): readonly (readonly [string, string])[] {
  const scopes = SCOPES.map((name): readonly [string, string] => {
    const list = reader.optionalStrings(name)
    return [name, list === undefined ? 'all' : list.join(', ') || 'none']
  })
  const tags = reader.object('tags')
  return [
    ...scopes,
    ['limits', limitsText(reader.object('limits'))],
    ['budget', budgetText(reader) || 'none'],
    [
      'tags',
      Object.keys(tags.source)
        .map((name) => `${name}=${tags.string(name)}`)
        .join(', '),
    ],
  ]
}

export function budgetText(reader: ObjectReader): string {
  return reader
    .items('budget')
    .map(({ value, path }) => {
      const budget = ObjectReader.of(value, path)
      const soft = budget.optionalBoolean('hard') === false ? ' (soft)' : ''
      return `$${budget.string('usd')}/${budget.string('period')}${soft}`
    })
    .join(', ')
}

function limitsText(limits: ObjectReader): string {
  const rates = (['requests', 'tokens'] as const).flatMap((name) => {
    const rate = limits.optionalObject(name)
    return (['minute', 'day'] as const).flatMap((period) => {
      const most = rate?.optionalNumber(`per_${period}`)
      return most === undefined ? [] : [`${most} ${name}/${period}`]
    })
  })
  const places = limits.optionalNumber('concurrency')
  const all = places === undefined ? rates : [...rates, `${places} calls at once`]
  return all.join(', ') || 'none'
}
