/** Where the engine says things. The engine itself never prints. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

const nothing = (): void => undefined;

/** A logger that says nothing: the engine's default. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
