// The words in which the wires' grammars are written: objects with optional keys, nulls, lists, and unknown fields on every level.
import fc from 'fast-check'
import { type Json, type JsonObject, isArray, isObject, parseJson } from '../../../src/wire/json.ts'

export type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>

/** A wire as its vendor's schema has it; what is generated has been through JSON. */
export interface WireGrammar {
  readonly requests: fc.Arbitrary<JsonObject>
  readonly responses: fc.Arbitrary<JsonObject>
  /** Frames of one complete stream. */
  readonly streams: fc.Arbitrary<readonly JsonObject[]>
  /** One answer said in both ways: at once, and in pieces. */
  readonly pairs: fc.Arbitrary<Pair>
  readonly modelLists: fc.Arbitrary<JsonObject>
  readonly errors: fc.Arbitrary<WireFailure>
}

export interface Pair {
  readonly whole: JsonObject
  readonly stream: readonly JsonObject[]
}

export interface WireFailure {
  readonly status: number
  readonly body: JsonObject
}

export const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', ' ', 'hi', 'été', '👩‍🚀', 'a\nb', '{"a":1}', '\u0000"\\'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
/** A message that is text for people. */
export const sentence: fc.Arbitrary<string> = fc.constantFrom(
  'Wrong.',
  "The value 'x' is not one of: a, b.",
  'Nope\nnever',
)
export const count: fc.Arbitrary<number> = fc.nat(9999)
export const flag: fc.Arbitrary<boolean> = fc.boolean()
export const one = <const T extends string | number>(...values: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(...values)

/** Required keys, and others that may be absent. */
export function object(required: Fields, optional: Fields = {}): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(fc.record(required), fc.record(optional, { requiredKeys: [] }))
    .map(([must, may]) => throughJson({ ...may, ...must }))
}

/** An object with its `type`. */
export function typed(
  type: string,
  required: Fields,
  optional: Fields = {},
): fc.Arbitrary<JsonObject> {
  return object({ type: fc.constant(type), ...required }, optional)
}

export function list<T>(item: fc.Arbitrary<T>, maxLength: number = 2): fc.Arbitrary<T[]> {
  return fc.array(item, { maxLength })
}

export function nullable<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(value, { nil: null, freq: 4 })
}

/** A JSON object of the user's own: arguments, metadata. */
export const free: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.oneof(one('a', 'type', 'x_y'), word), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 2,
  })
  .map((value) => throughJson(value))

export const schema: fc.Arbitrary<JsonObject> = fc
  .constantFrom(
    {},
    { type: 'object' },
    { type: 'object', properties: { a: { type: ['string', 'null'] } }, required: ['a'] },
    { $schema: 'x', anyOf: [{ $ref: '#/$defs/a' }], $defs: { a: { const: null } } },
  )
  .map((value) => throughJson(value))

/** Arguments as text: objects as a rule, sometimes what is no JSON at all. */
export const argumentText: fc.Arbitrary<string> = fc.oneof(
  free.map((value) => JSON.stringify(value)),
  free.map((value) => JSON.stringify(value, null, 2)),
  word,
)

/** As answers have it: without any, clients are told `{}`. */
export const saidArguments: fc.Arbitrary<string> = argumentText.filter((text) => text.trim() !== '')

/** What an answer says, in pieces that are not empty. */
export interface Script {
  readonly thinking: readonly string[]
  readonly text: readonly string[]
  readonly calls: readonly {
    readonly id: string
    readonly name: string
    readonly pieces: readonly string[]
  }[]
}

const pieces = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), {
  maxLength: 3,
})

export const script: fc.Arbitrary<Script> = fc.record({
  thinking: pieces,
  text: pieces,
  calls: fc.array(fc.tuple(free, fc.nat(20)), { maxLength: 2 }).map((calls) =>
    calls.map(([value, cut], at) => {
      const json = JSON.stringify(value)
      const first = json.slice(0, 1 + (cut % json.length))
      return {
        id: `abcDEF12${at}`,
        name: at === 0 ? 'f' : 'g',
        pieces: [first, json.slice(first.length)].filter((piece) => piece !== ''),
      }
    }),
  ),
})

const STRANGE = fc.constantFrom<Json>(null, '', 0, false, 'x', [], {}, [1], { a: [null] })

/** Unknown fields in objects at any level. */
export function sprinkled(value: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const choices = fc.array(fc.option(STRANGE, { nil: undefined, freq: 3 }), {
    minLength: 1,
    maxLength: 16,
  })
  return fc.tuple(value, choices).map(([bare, extras]) => {
    let at = 0
    const sprinkle = (inner: Json): Json => {
      if (isArray(inner)) return inner.map((item) => sprinkle(item))
      return isObject(inner) ? sprinkleObject(inner) : inner
    }
    const sprinkleObject = (source: JsonObject): JsonObject => {
      const extra = extras[at % extras.length]
      at += 1
      const entries = Object.entries(source).map(([key, inner]): [string, Json] => [
        key,
        sprinkle(inner ?? null),
      ])
      return Object.fromEntries(
        extra === undefined ? entries : [...entries, [`x_unknown_${at}`, extra]],
      )
    }
    return sprinkleObject(bare)
  })
}

function throughJson(value: object): JsonObject {
  const read = parseJson(JSON.stringify(value))
  if (!isObject(read)) throw new Error('not an object')
  return read
}
