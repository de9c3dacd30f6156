// A process that starts the demo's services on the ports it is given and then waits to be killed; demo.test.ts starts it.
import { startDemoServices } from '../../src/cli/demo-services.ts'

await startDemoServices({ ports: process.argv.slice(2).map(Number), onLine: () => {} })
process.send?.('started')
