// Kinds of values in patchbay.yaml, as they come from YAML and from environment variables.
import { z } from 'zod'

// Environment variables arrive as text: `port: ${PORT}` must still be a number. What is not the text of one stays and is refused.
export function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

function asBoolean(value: unknown): unknown {
  if (value === 'true') return true
  return value === 'false' ? false : value
}

// `key:` with nothing behind it, and `${NAME:-}` without the variable, both mean: not given.
export function optional<Schema extends z.ZodType>(
  schema: Schema,
): z.ZodOptional<z.ZodPreprocess<z.ZodOptional<Schema>>> {
  const inner = schema.optional()
  return z
    .preprocess((value) => (value === '' || value === null ? undefined : value), inner)
    .optional()
}

export const positive: z.ZodPreprocess<z.ZodNumber> = z.preprocess(asNumber, z.number().positive())
export const flag: z.ZodPreprocess<z.ZodBoolean> = z.preprocess(asBoolean, z.boolean())
export const text: z.ZodString = z.string().min(1)
export const texts: z.ZodArray<z.ZodString> = z.array(text)
