// The kinds of numbers in a vector, as wires spell them: they agree.
import { VECTOR_TYPES, type VectorType } from '../canonical/embedding.ts'
import type { Json } from '../wire/json.ts'

export function isVectorType(value: Json | undefined): value is VectorType {
  return VECTOR_TYPES.some((type) => type === value)
}
