// A long list of the admin API, read to its end.
import { type Json, ObjectReader } from '../../wire/json.ts'
import type { Connection } from '../connection.ts'

const PAGE = 200

export async function everyPage(
  connection: Connection,
  path: string,
  name: string,
): Promise<readonly Json[]> {
  const all: Json[] = []
  let after = ''
  for (;;) {
    const answer = await connection.json({ method: 'GET', path: `${path}?limit=${PAGE}${after}` })
    const page = ObjectReader.of(answer, '')
    all.push(...page.items(name).map(({ value }) => value))
    const next = page.optionalString('next')
    if (next === undefined) return all
    after = `&after=${encodeURIComponent(next)}`
  }
}
