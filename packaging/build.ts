// `npm run build`: what is published, into `dist/` or the folder that is named: few files without comments, which Node reads and keeps in less time and memory; types beside them.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'

const ROOT = join(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')
const [given = join(ROOT, 'dist')] = process.argv.slice(2)
const OUT = resolve(given)

/** The public ones, and what threads and processes begin with, at the place where the code beside it looks for them. */
const ENTRIES: Readonly<Record<string, string>> = {
  index: 'index.ts',
  dialects: 'dialects.ts',
  server: 'server.ts',
  testing: 'testing.ts',
  cli: 'cli.ts',
  thread: 'store/sqlite/thread.ts',
  'worker/worker': 'providers/local/worker/worker.ts',
}

function writeTypes(): void {
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
  const args = ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', OUT]
  const { status, error } = spawnSync(tsc, args, { stdio: 'inherit', cwd: ROOT })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`tsc ended with ${String(status)}, see above`)
}

async function writeCode(): Promise<readonly OutputChunk[]> {
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.entries(ENTRIES).map(([name, path]) => [name, join(SOURCE, path)]),
    ),
    platform: 'node',
    // Dependencies stay as they were published: theirs to mend, and the user's to see and to update.
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  })
  const { output } = await bundle.write({
    dir: OUT,
    format: 'esm',
    comments: false,
    // One character beyond Latin-1 has V8 keep a whole file at two bytes a letter.
    minify: {
      compress: false,
      mangle: false,
      codegen: { removeWhitespace: false, asciiOnly: true, legalComments: 'none' },
    },
    // All in one folder: what stands in a file of its own is looked for beside it.
    chunkFileNames: '[name].js',
  })
  await bundle.close()
  return output.filter((one) => one.type === 'chunk')
}

rmSync(OUT, { recursive: true, force: true })
writeTypes()
const chunks = await writeCode()
const bytes = chunks.reduce((sum, { code }) => sum + code.length, 0)
process.stdout.write(`${chunks.length} files, ${Math.round(bytes / 1024)} KiB of code, in ${OUT}\n`)
