// A vector as numbers and as base64, whichever it came as.
import type { Vector, VectorType } from './embedding.ts'

const FLOAT_BYTES = 4

/** Undefined where the base64 cannot be numbers of that type. */
export function numbersOf(
  vector: Vector,
  type: VectorType = 'float',
): readonly number[] | undefined {
  if (vector.type === 'numbers') return vector.numbers
  const bytes = bytesOf(vector.base64)
  if (bytes === undefined) return undefined
  switch (type) {
    case 'float':
      return floatsIn(bytes)
    case 'int8':
    case 'binary':
      return [...new Int8Array(bytes.buffer)]
    case 'uint8':
    case 'ubinary':
      return [...bytes]
  }
}

/** Floats become float32 in little-endian order, as every vendor has them; all other types one byte a number. */
export function base64Of(vector: Vector, type: VectorType = 'float'): string {
  if (vector.type === 'base64') return vector.base64
  const { numbers } = vector
  if (type !== 'float') return textOf(Uint8Array.from(numbers))
  const view = new DataView(new ArrayBuffer(numbers.length * FLOAT_BYTES))
  for (const [at, number] of numbers.entries()) view.setFloat32(at * FLOAT_BYTES, number, true)
  return textOf(new Uint8Array(view.buffer))
}

/** Bytes that mean something else give such numbers when they are read as floats. */
const IMPLAUSIBLE = 1e6

/** Nine digits tell every float32 from its neighbours; as a double it would print with sixteen. */
function floatsIn(bytes: Uint8Array): readonly number[] | undefined {
  if (bytes.length % FLOAT_BYTES !== 0) return undefined
  const view = new DataView(bytes.buffer)
  const floats = Array.from({ length: bytes.length / FLOAT_BYTES }, (_, at) =>
    Number(view.getFloat32(at * FLOAT_BYTES, true).toPrecision(9)),
  )
  return floats.every((float) => Math.abs(float) < IMPLAUSIBLE) ? floats : undefined
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}

function textOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
