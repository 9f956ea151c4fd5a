import { it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { dialects } from '../../src/dialects/registry.ts'
import { casesOf } from './case.ts'
import { groups } from './probes/groups.ts'
it('explore', () => {
  const lines: string[] = []
  for (const group of groups) for (const feature of group.features) for (const probe of feature.probes) {
    for (const client of dialects) for (const provider of dialects) {
      try {
        const cases = casesOf(probe, { client, provider })
        if (cases.length === 0) lines.push(JSON.stringify({ f: feature.title, p: probe.name, c: client.id, u: provider.id, none: true }))
        for (const one of cases) lines.push(JSON.stringify({ f: feature.title, p: probe.name, c: client.id, u: provider.id, way: one.way, notes: one.notes, changes: one.changes }))
      } catch (error) {
        lines.push(JSON.stringify({ f: feature.title, p: probe.name, c: client.id, u: provider.id, error: String(error) + (error as Error).stack?.split('\n').slice(1, 4).join('|') }))
      }
    }
  }
  writeFileSync('/tmp/matrix.jsonl', lines.join('\n'))
})
