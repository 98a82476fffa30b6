/** Something that only a data plane can do. It may be repeated: a second run finds it done. */
export interface Step {
  /** Lower-case words with hyphens, as `--step` takes it. */
  readonly name: string;
  /** What apply would do, one line each, from the repository alone: no request is made. */
  plan(): string[];
  /** Whether the service holds what the repository says. @throws BootstrapError */
  isDone(): Promise<boolean>;
  /** Makes the service hold it. @throws BootstrapError */
  apply(): Promise<void>;
}
