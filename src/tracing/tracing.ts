import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry-v2';

/** Sends the spans of this process to a collector. */
export interface Tracing {
  /** Carries traces through Temporal: give it to clients and workers. */
  temporalPlugin: OpenTelemetryPlugin;
  /** Sends what is left. Gives up after the exporter's timeout; never throws. */
  close(): Promise<void>;
}

/**
 * From here on, spans that are made with `@opentelemetry/api` go out by OTLP/HTTP, in batches. Where to, how many and with
 * which attributes is said by OpenTelemetry's own variables: OTEL_EXPORTER_OTLP_…, OTEL_TRACES_SAMPLER, OTEL_BSP_…,
 * OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME. Load this file only when traces are wanted: without it they cost nothing.
 */
export function startTracing(serviceName: string): Tracing {
  const named = resourceFromAttributes({ 'service.name': serviceName });
  // What the environment says wins.
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [envDetector] }));
  const spanProcessor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new NodeTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register();
  return {
    temporalPlugin: new OpenTelemetryPlugin({ resource, spanProcessor }),
    // A collector that is away must not hold up the end of a process.
    close: () => provider.shutdown().catch(() => undefined),
  };
}
