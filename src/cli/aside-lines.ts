// What is stored and not in force, in a line each.
import { ObjectReader } from '../wire/json.ts'

/** `removing`: the command that removes one. */
export function asideLines(answer: ObjectReader, removing: string): readonly string[] {
  const lines = (key: string, what: string): readonly string[] =>
    (answer.optionalItems(key) ?? []).map(({ value, path }) => {
      const one = ObjectReader.of(value, path)
      return `${one.string('name')} ${what}: ${one.string('reason')}`
    })
  const shadowed = lines('shadowed', 'is stored too, but not in force')
  const broken = lines('broken', 'is stored, but of no use')
  const hint = broken.length === 0 ? [] : [`Remove what is of no use with: ${removing} <name>`]
  return [...shadowed, ...broken, ...hint]
}
