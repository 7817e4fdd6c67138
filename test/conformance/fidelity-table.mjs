import { loadSource } from '../load-source.mjs';

const { writeFidelityTable } = await loadSource('test/conformance/fidelity-table.ts');
await writeFidelityTable();
