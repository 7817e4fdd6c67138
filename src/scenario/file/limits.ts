/** What one scenario may ask for. Input is hostile: more is refused with a diagnostic, never tried. */
export const MAX_CLIENTS = 10_000;
export const MAX_WORKLOADS = 10_000;
export const MAX_EXTERNALS = 10_000;
export const MAX_TIMELINE_STEPS = 10_000;
export const MAX_EXPECTATIONS = 1_000;
export const MAX_PARAMS = 1_000;
export const MAX_MESH_ENTRIES = 10_000;
/** Calls of one workload, headers of one request, stages of one load, points of one distribution. */
export const MAX_LIST = 1_000;
export const MAX_SAMPLES = 1_000_000;
export const MAX_EXTENDS = 20;
/** Integers of nanoseconds below 2⁵³ reach 104 days. */
export const MAX_TIME_NS = 100 * 24 * 3600 * 1e9;
export const MAX_RATE_PER_SECOND = 10_000_000;
export const MAX_CONCURRENCY = 1_000_000;
/** Of one client's population; `world/request-draw.ts` tells that many apart. */
export const MAX_USERS = 1_000_000;
export const MAX_REPLICAS = 100_000;
export const MAX_REQUESTS = 10_000_000_000;
