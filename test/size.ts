// `npm run size`: what an installation weighs: this package as it would be published, and each package that it needs.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, packedInto } from './packed.ts'
import { lockedPackages } from './supply.ts'

/** All bytes below a folder, without packages inside, which count by themselves. */
function bytesIn(path: string): number {
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const own = join(path, entry.name)
      return sum + (entry.isDirectory() ? bytesIn(own) : entry.isFile() ? statSync(own).size : 0)
    }, 0)
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1).padStart(6)
}

const folder = mkdtempSync(join(tmpdir(), 'patchbay-size-'))
try {
  const tarball = await packedInto(folder)
  const needed = lockedPackages(ROOT).filter(({ isNeeded }) => isNeeded)
  const rows = [
    { name: 'patchbay', bytes: bytesIn(join(folder, 'package')) },
    ...needed.map(({ name }) => ({ name, bytes: bytesIn(join(ROOT, 'node_modules', name)) })),
  ].toSorted((a, b) => b.bytes - a.bytes)
  const all = rows.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { name, bytes } of rows) process.stdout.write(`${inMegabytes(bytes)} MB  ${name}\n`)
  process.stdout.write(`${inMegabytes(all)} MB  in all, in ${rows.length} packages\n`)
  process.stdout.write(`${inMegabytes(statSync(tarball).size)} MB  the tarball of patchbay\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
