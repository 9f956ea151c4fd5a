// Several processes' metrics as one text: each name explained once, with the samples of all.
import { expect, it } from 'vitest'
import { mergedText } from './merged-text.ts'

function text(worker: number): string {
  return [
    '# HELP calls Calls',
    '# TYPE calls counter',
    `calls{worker="${worker}"} ${worker}`,
    '',
    '# HELP secs Seconds',
    '# TYPE secs histogram',
    `secs_bucket{le="1",worker="${worker}"} 3`,
    `secs_count{worker="${worker}"} 3`,
    '',
  ].join('\n')
}

it('puts the samples of one name together under one explanation', () => {
  const later = '# HELP own Own\n# TYPE own gauge\nown 1\n'
  expect(mergedText([text(0), text(1), later])).toBe(
    [
      '# HELP calls Calls',
      '# TYPE calls counter',
      'calls{worker="0"} 0',
      'calls{worker="1"} 1',
      '',
      '# HELP secs Seconds',
      '# TYPE secs histogram',
      'secs_bucket{le="1",worker="0"} 3',
      'secs_count{worker="0"} 3',
      'secs_bucket{le="1",worker="1"} 3',
      'secs_count{worker="1"} 3',
      '',
      '# HELP own Own',
      '# TYPE own gauge',
      'own 1',
      '',
    ].join('\n'),
  )
})
