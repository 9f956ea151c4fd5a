// What the wires of embeddings are made of: texts, numbers as float32 has them, keys that nobody knows.
import fc from 'fast-check'
import type { Json, JsonObject } from '../wire/json.ts'

export const text: fc.Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 12 })
export const tokens: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(200_000), {
  minLength: 1,
  maxLength: 5,
})
export const vector: fc.Arbitrary<readonly number[]> = fc.array(
  fc
    .float({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 })
    .map((one) => Number(one.toPrecision(8)) + 0),
  { minLength: 1, maxLength: 6 },
)
export const count: fc.Arbitrary<number> = fc.nat(10_000)

/** Keys that no version of a protocol has yet, with any value. */
export const unknown: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom('x_new', 'x_other'), fc.jsonValue(), { maxKeys: 2 })
  .map((keys) => JSON.parse(JSON.stringify(keys)))

/** The object with some of these keys, each with a value of its own. */
export function some(keys: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<JsonObject> {
  return fc.record(keys, { requiredKeys: [] })
}

export function merged(...parts: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> {
  return fc.tuple(...parts).map((objects) => Object.assign({}, ...objects))
}

/** `count` vectors. */
export function vectors(howMany: number): fc.Arbitrary<readonly (readonly number[])[]> {
  return fc.array(vector, { minLength: howMany, maxLength: howMany })
}
