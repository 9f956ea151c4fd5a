// `npm run sbom`: prints the bill of materials of what runs.
import { billOfMaterials } from './bill.ts'

process.stdout.write(`${JSON.stringify(await billOfMaterials(), undefined, 2)}\n`)
