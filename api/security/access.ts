/** Who may reach the API, and how often: the `api` section of the configuration, as the API needs it. */
import type { Role } from './roles.js';

export interface AccessToken {
  /** of the holder, for the audit trail */
  name: string;
  role: Role;
  /** hex SHA-256 of the token; the token itself is known to its holder only */
  sha256: string;
}

export interface ApiAccess {
  /** empty: this machine only, and nobody is asked who he is */
  tokens: readonly AccessToken[];
  /** names under which the API may be called besides those of this machine, in lower case, without port */
  allowedHosts: readonly string[];
  /** per client; undefined: the default of where the client is */
  requestsPerMinute: number | undefined;
}

/** As whom a request is judged and recorded. */
export interface Identity {
  name: string;
  role: Role;
}
