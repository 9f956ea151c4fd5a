// Reads the objects of this wire, whichever way their keys are spelled, and keeps what nobody asked for.
import type { Extensions } from '../../canonical/extensions.ts'
import { type Item, type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import { snakeCase, spellingShape } from './spelling.ts'

/** Keys are named in camelCase. What is not taken, here and in the objects inside, is left over. */
export class Fields {
  readonly #reader: ObjectReader
  readonly #snake: string[] = []
  readonly #bare: string[] = []
  readonly #inside: [key: string, fields: Fields][] = []
  /** Whether any key has an underscore; undefined until it matters. */
  #underscored: boolean | undefined

  constructor(reader: ObjectReader) {
    this.#reader = reader
  }

  /** Throws a WireError unless `value` is an object. */
  static of(value: Json | undefined, path: string): Fields {
    return new Fields(ObjectReader.of(value, path))
  }

  get source(): JsonObject {
    return this.#reader.source
  }

  path(key: string): string {
    return this.#reader.path(this.#key(key))
  }

  /** Looks without taking. */
  peek(key: string): Json | undefined {
    return this.#reader.peek(this.#key(key))
  }

  /** Whether the key is there and holds more than null. */
  has(key: string): boolean {
    const value = this.peek(key)
    return value !== undefined && value !== null
  }

  /** Takes a key whatever it holds. */
  value(key: string): Json | undefined {
    return this.#reader.value(this.#take(key))
  }

  string(key: string): string {
    return this.#reader.string(this.#take(key))
  }

  optionalString(key: string): string | undefined {
    return this.#reader.optionalString(this.#take(key))
  }

  optionalNumber(key: string): number | undefined {
    return this.#reader.optionalNumber(this.#take(key))
  }

  optionalBoolean(key: string): boolean | undefined {
    return this.#reader.optionalBoolean(this.#take(key))
  }

  optionalStrings(key: string): readonly string[] | undefined {
    return this.#reader.optionalStrings(this.#take(key))
  }

  /** A list, or its only item alone. */
  optionalItems(key: string): readonly Item[] | undefined {
    const value = this.peek(key)
    if (!isObject(value)) return this.#reader.optionalItems(this.#take(key))
    this.#bare.push(key)
    this.#reader.value(this.#take(key))
    return [{ value, path: this.path(key) }]
  }

  /** An object that becomes a node of its own. */
  optionalObject(key: string): Fields | undefined {
    const reader = this.#reader.optionalObject(this.#take(key))
    return reader === undefined ? undefined : new Fields(reader)
  }

  /** Its leftovers and spelling count among those of this object. */
  optionalFields(key: string): Fields | undefined {
    const reader = this.#reader.optionalObject(this.#take(key))
    if (reader === undefined) return undefined
    const fields = new Fields(reader)
    this.#inside.push([key, fields])
    return fields
  }

  /** What nobody took; an object inside that came empty stays as it was. */
  left(): JsonObject | undefined {
    const rest = this.#reader.rest()
    if (this.#inside.length === 0) return rest
    const inside = this.#inside.flatMap(([key, fields]) => {
      const left = Object.keys(fields.source).length === 0 ? fields.source : fields.left()
      return left === undefined ? [] : [[this.#key(key), left] as const]
    })
    return inside.length === 0 ? rest : { ...rest, ...Object.fromEntries(inside) }
  }

  spelling(): JsonObject | undefined {
    const inside = this.#inside.flatMap(([key, fields]) => {
      const spelled = fields.spelling()
      return spelled === undefined ? [] : [[key, spelled] as const]
    })
    if (inside.length === 0 && this.#snake.length === 0 && this.#bare.length === 0) return undefined
    return spellingShape({
      snake: this.#snake,
      bare: this.#bare,
      inside: Object.fromEntries(inside),
    })
  }

  /** To be spread into the node that this object has become. */
  kept(shape?: JsonObject): { readonly extensions?: Extensions } {
    const spelled = this.spelling()
    return leftovers.keptFields(this.left(), spelled === undefined ? shape : { ...shape, spelled })
  }

  #take(key: string): string {
    const spelled = this.#key(key)
    if (spelled !== key && !this.#snake.includes(key)) this.#snake.push(key)
    return spelled
  }

  #key(key: string): string {
    const source = this.#reader.source
    this.#underscored ??= Object.keys(source).some((one) => one.includes('_'))
    if (!this.#underscored || this.#reader.peek(key) !== undefined) return key
    const snake = snakeCase(key)
    return this.#reader.peek(snake) === undefined ? key : snake
  }
}
