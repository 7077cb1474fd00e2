/** The configuration file of a process that answers for it: read anew at every question. */
import { ConfigurationError } from '../config/findings.js';
import { loadConfiguration, type Configuration } from '../config/load.js';
import { createRedaction } from '../config/redaction.js';
import type { ConfigurationFile } from '../core/ports/configuration.js';

/** `started` is what the process read at its start. */
export function configurationFile({ path, processSettings }: Configuration): ConfigurationFile {
  const redaction = createRedaction([]);
  return {
    processSettings,
    read: async () => {
      try {
        const { version, processSettings: now } = await loadConfiguration(path);
        return { kind: 'valid', version, processSettings: now };
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        return { kind: 'wrong', code: error.code, findings: error.findings };
      }
    },
    redact: (value) => redaction.value(value) as Record<string, unknown>,
  };
}
