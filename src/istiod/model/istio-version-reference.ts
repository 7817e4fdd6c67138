import { ISTIO_CHANGES, NEWEST_MINOR, OLDEST_MINOR } from './istio-version.ts';

/** The page `docs/reference/istio-versions.md`: every difference between releases that is modelled. */
export function istioVersionReference(): string {
  const rows = ISTIO_CHANGES.map(
    ({ since, now, earlier, source }) =>
      `| 1.${since} | ${cell(now)} | ${cell(earlier)} | \`${source}\` |`,
  );
  return `# Versions of Istio

Printed from the table in \`src/istiod/model/istio-version.ts\`; a test holds this page to it.

\`istioVersion:\` in a scenario, or \`--istio-version\` on a command, chooses the release whose control plane
translates the configuration: 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}, the newest by default. The data plane is always Envoy 1.40.

| since | from then on | before | Istio’s file |
| --- | --- | --- | --- |
${rows.join('\n')}

What releases changed and nothing here depends on: names and tags of statistics, tracing, delta xDS,
deferred creation of clusters and statistics, the metrics of what a circuit breaker has left, ambient mode,
certificates in a proxy's own metadata.
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
