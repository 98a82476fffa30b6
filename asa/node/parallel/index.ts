export { createParallelJob, type ParallelJob, type ParallelJobOptions } from "./parallel-job";
