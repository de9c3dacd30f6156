import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'

export function lint(_config: GatewayConfig, _report: Report): void {}
