import Type from 'typebox'
import { Soon, Text } from '../model/option-types.ts'

export const LoggingOptions = Type.Partial(
  Type.Object({
    level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      description: 'The least severe messages that are written.'
    }),
    access: Type.Boolean({ default: true, description: 'Whether each request is written with its attempts.' }),
    redact: Type.Array(Text('text'), {
      default: [],
      description: 'Headers and query parameters that are masked beside the ones that always are.'
    })
  }),
  { default: {}, description: 'What is written to standard output.' }
)

/** Seconds; from a millisecond to ten seconds. */
export const defaultBuckets: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export const MetricsOptions = Type.Partial(
  Type.Object({
    buckets: Type.Union(
      [Type.Literal('default'), Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: 100 })],
      {
        default: 'default',
        description: 'The upper bounds of the latency histograms in seconds, ascending.'
      }
    ),
    otlp: Soon('Where the metrics are sent over OpenTelemetry.')
  }),
  { default: {}, description: 'What /metrics shows.' }
)
