import { it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { runAll } from './run.ts'
import { silentChanges, idleNotes } from './laws.ts'
it('explore', () => {
  const lines: string[] = []
  const out: string[] = []
  for (const run of runAll()) {
    for (const [f, cases] of [...run.features, ['fixtures', run.fixtures] as const]) for (const one of cases) {
      for (const s of silentChanges(one)) lines.push(`SILENT ${one.way} ${one.probe} | ${s.path.replaceAll(/\d+/g,'#')} | ${run.name} | ${JSON.stringify(s.from)?.slice(0,80)} > ${JSON.stringify(s.to)?.slice(0,80)}`)
      for (const s of idleNotes(one)) lines.push(`IDLE ${one.way} ${one.probe} | ${s.action} ${s.feature} w${s.weight} ${s.reason} ${s.path}| ${run.name} `)
      out.push(JSON.stringify({ f, p: one.probe, c: run.client.id, u: run.provider.id, way: one.way, notes: one.notes, changes: one.changes }))
    }
  }
  writeFileSync('/tmp/laws.txt', lines.join('\n'))
  writeFileSync('/tmp/run.jsonl', out.join('\n'))
})
