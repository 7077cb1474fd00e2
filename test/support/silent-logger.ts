/** A logger for code under test whose log is not what the test is about. */
import type { Logger } from '../../core/ports/logger.js';

const ignore = (): void => undefined;

export const silentLogger: Logger = {
  debug: ignore, info: ignore, warning: ignore, error: ignore, critical: ignore, child: () => silentLogger,
};
