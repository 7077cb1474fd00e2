/** For callers that want no log: every line is dropped on purpose. */
import type { Logger } from '../../core/ports/logger.js';

const drop = (): void => undefined;

export const silentLogger: Logger = { debug: drop, info: drop, warning: drop, error: drop, critical: drop, child: () => silentLogger };
